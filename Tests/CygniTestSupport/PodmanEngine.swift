import Foundation
import Glibc

/// A container engine (podman, its Docker-compatible API on a unix socket) with a store of its own, ended with its last
/// reference.
package final class PodmanEngine: Sendable {
    package let socket: String
    private let folder: TemporaryFolder
    private let service: Service

    /// The process can be killed and another one started on the same store. Unchecked: behind its lock.
    private final class Service: @unchecked Sendable {
        private let lock = NSLock()
        private var process: ChildProcess?
        func replace(_ next: ChildProcess?) {
            lock.withLock {
                process?.signal(SIGKILL)
                process = next
            }
        }
        var current: ChildProcess? { lock.withLock { process } }
    }

    package init() async throws {
        folder = try TemporaryFolder()
        socket = folder.file("engine.sock")
        service = Service()
        try folder.write(
            """
            [containers]
            default_ulimits = ["nofile=4096:4096", "nproc=1024:1024"]
            netns = "none"
            log_driver = "k8s-file"
            [engine]
            runtime = "runc"
            cgroup_manager = "cgroupfs"
            events_logger = "file"
            tmp_dir = "\(folder.path)/tmp"
            [network]
            network_config_dir = "\(folder.path)/networks"

            """,
            to: "containers.conf"
        )
        try folder.write(
            """
            [storage]
            driver = "vfs"
            graphroot = "\(folder.path)/graph"
            runroot = "\(folder.path)/run"

            """,
            to: "storage.conf"
        )
        try await start()
        try await importImage()
    }

    private var environment: [String: String] {
        ChildProcess.baseEnvironment.merging(
            [
                "CONTAINERS_CONF": folder.file("containers.conf"),
                "CONTAINERS_STORAGE_CONF": folder.file("storage.conf"),
                "TMPDIR": folder.path,
            ]
        ) { _, new in new }
    }

    package func start() async throws {
        unlink(socket)
        let process = try ChildProcess(
            path: "/usr/bin/podman",
            arguments: ["system", "service", "--time=0", "unix://\(socket)"],
            environment: environment,
            folder: folder.path
        )
        service.replace(process)
        for _ in 0..<200 {
            let ping = try await BuiltExecutable(path: "/usr/bin/curl").run([
                "-s", "--unix-socket", socket, "http://d/_ping",
            ])
            if ping.standardOutput == "OK" { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw TestSupportError("podman did not come up: \(process.errorText)")
    }

    package func kill() { service.replace(nil) }

    /// One static program, with a link for the applet that runs.
    private func importImage() async throws {
        let root = folder.file("root")
        try FileManager.default.createDirectory(atPath: root + "/bin", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: "/bin/busybox", toPath: root + "/bin/busybox")
        try FileManager.default.createSymbolicLink(atPath: root + "/bin/sleep", withDestinationPath: "busybox")
        let tar = try await BuiltExecutable(path: "/usr/bin/tar").run(["-C", root, "-cf", folder.file("root.tar"), "."])
        guard tar.status == 0 else { throw TestSupportError("tar: \(tar)") }
        try await image("busybox:1", [:])
    }

    /// An image of that one program, with labels of its own.
    package func image(_ name: String, _ marks: [String: String]) async throws {
        let changes = marks.sorted { $0.key < $1.key }.flatMap { ["--change", "LABEL \($0.key)=\($0.value)"] }
        let made = try await ChildProcess(
            path: "/usr/bin/podman",
            arguments: ["import"] + changes + [folder.file("root.tar"), "localhost/\(name)"],
            environment: environment,
            folder: folder.path
        ).result(timeLimit: .seconds(60))
        guard made.status == 0 else { throw TestSupportError("podman import: \(made)") }
    }

    /// The API's answer. - Throws: for a status of 400 and more.
    @discardableResult
    package func call(_ method: String, _ path: String, _ body: String? = nil) async throws -> String {
        var arguments = ["-s", "-S", "--fail-with-body", "--unix-socket", socket, "-X", method]
        if let body { arguments += ["-H", "Content-Type: application/json", "-d", body] }
        let result = try await BuiltExecutable(path: "/usr/bin/curl").run(
            arguments + ["http://engine/v1.41\(path)"],
            timeLimit: .seconds(60)
        )
        guard result.status == 0 else {
            throw TestSupportError("\(method) \(path): \(result) \(result.standardOutput)")
        }
        return result.standardOutput
    }

    private func labels(_ labels: [String: String]) -> String {
        let data = (try? JSONSerialization.data(withJSONObject: labels, options: [.sortedKeys])) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    package func container(
        _ name: String,
        _ marks: [String: String],
        image: String = "busybox:1",
        isStarted: Bool = false
    ) async throws {
        try await call(
            "POST",
            "/containers/create?name=\(name)",
            "{\"Image\":\"localhost/\(image)\",\"Cmd\":[\"/bin/sleep\",\"3600\"],\"Labels\":\(labels(marks))}"
        )
        if isStarted { try await call("POST", "/containers/\(name)/start") }
    }

    package func volume(_ name: String, _ marks: [String: String]) async throws {
        try await call("POST", "/volumes/create", "{\"Name\":\"\(name)\",\"Labels\":\(labels(marks))}")
    }

    package func network(_ name: String, _ marks: [String: String]) async throws {
        try await call("POST", "/networks/create", "{\"Name\":\"\(name)\",\"Labels\":\(labels(marks))}")
    }

    /// The names of all that is there, sorted.
    package func names(_ kind: String) async throws -> [String] {
        let paths = ["containers": "/containers/json?all=1", "images": "/images/json"]
        let text = try await call("GET", paths[kind] ?? "/\(kind)")
        var parsed = try JSONSerialization.jsonObject(with: Data(text.utf8))
        if let all = parsed as? [String: Any] { parsed = all["Volumes"] ?? [] }
        return (parsed as? [[String: Any]] ?? []).compactMap { each in
            if let tags = each["RepoTags"] as? [String] { return tags.first }
            if let names = each["Names"] as? [String] { return names.first.map { String($0.drop { $0 == "/" }) } }
            return each["Name"] as? String
        }.sorted()
    }

    /// Ends what runs in it: containers outlive the service.
    package func close() async {
        _ = try? await ChildProcess(
            path: "/usr/bin/podman",
            arguments: ["rm", "--all", "--force", "--time", "0"],
            environment: environment,
            folder: folder.path
        ).result(timeLimit: .seconds(120))
        service.replace(nil)
    }

    deinit { service.replace(nil) }
}

/// Runs `body` with an engine of its own.
package func withPodman(_ body: (PodmanEngine) async throws -> Void) async throws {
    let engine = try await PodmanEngine()
    do {
        try await body(engine)
        await engine.close()
    } catch {
        await engine.close()
        throw error
    }
}
