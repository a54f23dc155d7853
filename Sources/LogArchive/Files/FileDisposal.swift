import CygniJobs
import Glibc

/// Removes, moves or empties a file whose copy is proven, if it is still the file that was read.
///
/// Between a look at a name and unlink(2) of it, a rotation may put another file there. So the name is first changed to one
/// that nobody uses, and what is under that is looked at; a stranger gets its name back.
struct FileDisposal {
    let after: FileSettings.After
    let moveTo: String?
    /// Called when the file stands under its other name.
    var onAside: () -> Void = {}

    /// - Parameters:
    ///   - file: open since it was read.
    ///   - sha256: of what was archived.
    /// - Returns: false when it was left alone, as its name is another file's now: a later run finds it under its new one.
    /// - Throws: ``JobFailure``; the file is where it was then.
    func apply(to file: OpenFile, _ identity: FileIdentity, sha256: String) async throws -> Bool {
        guard after != .keep else { return false }
        try file.expect(identity)
        guard try file.digest(identity.size) == sha256 else {
            throw JobFailure("'\(file.path)' has another content than was archived, and stays")
        }
        if try await file.hasWriter() {
            throw JobFailure("'\(file.path)' is still open for writing in some process, and stays")
        }
        if after == .truncate { return try truncate(file, identity) }
        let (folder, name) = Self.split(file.path)
        let aside = "\(folder)\(Self.marker)\(identity.inode)-\(name)"
        guard rename(file.path, aside) == 0 else {
            if errno == ENOENT { return false }
            throw failure("remove", file.path)
        }
        guard FileIdentity(path: aside) == identity else {
            // Somebody else's, or it has grown: back with it, unless the name is taken again, when it stays aside.
            _ = giveName(file.path, to: aside)
            return false
        }
        onAside()
        switch after {
        case .move:
            let target = "\(moveTo ?? folder)/\(name)"
            guard giveName(target, to: aside) else {
                let fault = failure("move", file.path, to: target)
                _ = giveName(file.path, to: aside)
                throw fault
            }
        default:
            guard unlink(aside) == 0 else {
                let fault = failure("remove", file.path)
                _ = giveName(file.path, to: aside)
                throw fault
            }
        }
        return true
    }

    private func truncate(_ file: OpenFile, _ identity: FileIdentity) throws -> Bool {
        let descriptor = open(file.path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw failure("truncate", file.path) }
        defer { close(descriptor) }
        guard FileIdentity(descriptor: descriptor) == identity else { return false }
        guard ftruncate(descriptor, 0) == 0 else { throw failure("truncate", file.path) }
        return true
    }

    /// What the names of files begin with that were set aside by a run which did not come to an end.
    static let marker = ".cygni-aside-"

    static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path) }
        return (String(path[...slash]), String(path[path.index(after: slash)...]))
    }

    /// Gives files that a killed run left aside their names back, in the folders of `patterns`.
    static func recover(_ patterns: [String]) {
        for folder in Set(patterns.map { split($0).folder }) {
            for (path, identity) in FileGlob.files(["\(folder)\(marker)*"]) {
                let name = split(path).name.dropFirst(marker.count)
                guard name.hasPrefix("\(identity.inode)-") else { continue }
                _ = giveName(split(path).folder + name.dropFirst("\(identity.inode)-".count), to: path)
            }
        }
    }

    private func failure(_ verb: String, _ path: String, to target: String? = nil) -> JobFailure {
        let cause = String(cString: strerror(errno))
        return JobFailure(
            "'\(path)' is archived, but failed to \(verb) it\(target.map { " to '\($0)'" } ?? ""): \(cause)"
        )
    }
}

/// Gives a file that is ours alone another name, unless that is taken: by link(2), which replaces nothing, and unlink(2).
private func giveName(_ target: String, to aside: String) -> Bool {
    guard link(aside, target) == 0 else { return false }
    return unlink(aside) == 0
}
