import CygniTestSupport
import Foundation

/// A container engine whose state the test writes.
struct ScriptedDocker {
    let peer: PythonPeer
    let folder: TemporaryFolder
    let socket: String

    init(_ state: [String: Any]) async throws {
        folder = try TemporaryFolder()
        socket = folder.file("docker.sock")
        try Self.write(state, in: folder)
        peer = try await PythonPeer.script("docker", [socket, folder.file("state")])
    }

    private static func write(_ state: [String: Any], in folder: TemporaryFolder) throws {
        let data = try JSONSerialization.data(withJSONObject: state)
        try folder.write(String(decoding: data, as: UTF8.self), to: "state")
    }

    func write(_ state: [String: Any]) throws { try Self.write(state, in: folder) }

    func ids(_ kind: String, _ key: String = "Id") throws -> [String] {
        let state = try JSONSerialization.jsonObject(with: Data(folder.read("state").utf8)) as? [String: Any]
        return (state?[kind] as? [[String: Any]] ?? []).compactMap { $0[key] as? String }.sorted()
    }

    /// The names of images.
    func tags() throws -> [String] {
        let state = try JSONSerialization.jsonObject(with: Data(folder.read("state").utf8)) as? [String: Any]
        return (state?["images"] as? [[String: Any]] ?? []).flatMap { $0["RepoTags"] as? [String] ?? [] }.sorted()
    }

    var requests: [String] {
        ((try? folder.read("state.log")) ?? "").split(separator: "\n").map(String.init)
    }

    func setting(_ more: String = "") -> String { "{kind: docker, socket: '\(socket)', timeout: 5s\(more)}" }

    static func container(_ id: String, _ labels: [String: String], image: String = "sha256:none") -> [String: Any] {
        ["Id": id, "Names": ["/\(id)"], "ImageID": image, "Labels": labels]
    }
}
