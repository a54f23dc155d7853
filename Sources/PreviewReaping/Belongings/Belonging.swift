import FoundationEssentials
import CygniJobs
import CygniModel
import Glibc

/// Something a preview owns, by its row in cygni.preview_belongings.
struct Belonging: Hashable, Sendable {
    /// dns, route, database or schema.
    var kind: String
    var name: String

    var words: String { "\(kind) \(name.printable)" }
}

/// What is left in the way of a teardown.
struct TeardownFault: Error, CustomStringConvertible {
    let description: String
    init(_ text: String) { description = text }
}

/// Removes belongings, and looks whether they are gone.
struct Belongings: Sendable {
    let settings: BelongingSection

    func delete(_ belonging: Belonging, of preview: Preview) async throws {
        if belonging.kind == "route", let folder = settings.routes {
            return try RouteFile(folder: folder, name: belonging.name).delete(of: preview)
        }
        try await call("delete", belonging, preview)
    }

    /// - Throws: when it is still there, or nobody can tell.
    func probe(_ belonging: Belonging, of preview: Preview) async throws {
        if belonging.kind == "route", let folder = settings.routes {
            guard try RouteFile(folder: folder, name: belonging.name).owner(preview) == .nobody else {
                throw TeardownFault("\(belonging.words) is still there")
            }
            return
        }
        try await call("probe", belonging, preview)
    }

    private func call(_ action: String, _ belonging: Belonging, _ preview: Preview) async throws {
        guard !settings.hook.isEmpty else {
            throw TeardownFault(
                "nothing is set up that removes \(belonging.words): see belongings in jobs/preview-reap.yaml"
            )
        }
        let message = JSONValue.object([
            ("action", .string(action)), ("class", .string(belonging.kind)), ("name", .string(belonging.name)),
            ("deployment", .string(preview.name)), ("tenant", .string(preview.tenant.uuidString.lowercased())),
        ])
        do {
            try await Program(words: settings.hook, timeout: settings.hookTimeout).run(input: message.text + "\n")
        } catch {
            throw TeardownFault("\(action) of \(belonging.words): \(error)")
        }
    }
}

/// A route as a file in a folder.
private struct RouteFile {
    enum Owner { case nobody, us, other }

    let folder: String
    let name: String

    init(folder: String, name: String) throws {
        guard !name.isEmpty, !name.contains("/"), name != ".", name != "..", !name.utf8.contains(0) else {
            throw TeardownFault("the route's name '\(name.printable)' is no file name")
        }
        (self.folder, self.name) = (folder, name)
    }

    private var path: String { "\(folder)/\(name)" }

    /// Whose it is: the id in it is the fence. A symbolic link is nobody's business.
    func owner(_ preview: Preview) throws -> Owner {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return .nobody }
            if errno == ELOOP { return .other }
            throw TeardownFault("failed to open \(path.printable): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw TeardownFault("failed to read \(path.printable)") }
        return String(decoding: bytes.prefix(count), as: UTF8.self).contains(preview.name) ? .us : .other
    }

    func delete(of preview: Preview) throws {
        switch try owner(preview) {
        case .nobody: return
        case .other:
            throw TeardownFault("route \(name.printable) does not hold this deployment's id: it was left alone")
        case .us:
            guard unlink(path) == 0 || errno == ENOENT else {
                throw TeardownFault("failed to delete \(path.printable): \(String(cString: strerror(errno)))")
            }
        }
    }
}
