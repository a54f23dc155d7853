import CygniModel
import FoundationEssentials
import Glibc

/// Routes as files in a folder: the mark in one, as a comment for instance, says whose it is.
struct RouteFolder: BelongingKeeper {
    private enum Owner { case nobody, preview, other }

    let folder: String
    let platform: String

    func delete(_ belonging: Belonging, of preview: Preview) async throws {
        let path = try path(belonging)
        switch try owner(path, preview) {
        case .nobody: return
        case .other:
            throw TeardownFault(
                "\(belonging.words) does not hold this deployment's mark and no other: it was left alone"
            )
        case .preview:
            guard unlink(path) == 0 || errno == ENOENT else {
                throw TeardownFault("failed to delete \(path.printable): \(String(cString: strerror(errno)))")
            }
        }
    }

    func probe(_ belonging: Belonging, of preview: Preview) async throws {
        guard try owner(try path(belonging), preview) == .nobody else {
            throw TeardownFault("\(belonging.words) is still there")
        }
    }

    private func path(_ belonging: Belonging) throws -> String {
        let name = belonging.name
        guard !name.isEmpty, !name.contains("/"), name != ".", name != "..", !name.utf8.contains(0) else {
            throw TeardownFault("the route's name '\(name.printable)' is no file name")
        }
        return "\(folder)/\(name)"
    }

    /// A symbolic link is nobody's business.
    private func owner(_ path: String, _ preview: Preview) throws -> Owner {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT {
                // A folder that is not there, or not mounted, says nothing of what is in it.
                guard access(folder, X_OK) == 0 else {
                    throw TeardownFault(
                        "the folder of routes \(folder.printable) is not there: is it mounted on this host?"
                    )
                }
                return .nobody
            }
            if errno == ELOOP { return .other }
            throw TeardownFault("failed to open \(path.printable): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw TeardownFault("failed to read \(path.printable)") }
        guard count < bytes.count else {
            throw TeardownFault(
                "\(path.printable) is longer than 1 MiB, too long to look whose it is: it was left alone"
            )
        }
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        return OwnerMark(platform: platform, preview: preview).isAlone(in: text) ? .preview : .other
    }
}
