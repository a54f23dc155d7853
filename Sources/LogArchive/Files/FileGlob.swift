import CygniModel
import Glibc

/// Finds the files that patterns name.
enum FileGlob {
    /// Regular files, each once, in the order of their paths; links are left out, so a `current` that leads to the file in
    /// use is no second name of it.
    static func files(_ patterns: [String]) -> [(path: String, identity: FileIdentity)] {
        var found: [String: FileIdentity] = [:]
        for pattern in patterns {
            var matches = glob_t()
            defer { globfree(&matches) }
            guard glob(pattern, GLOB_NOSORT, nil, &matches) == 0 else { continue }
            for index in 0..<Int(matches.gl_pathc) {
                guard let name = matches.gl_pathv[index] else { continue }
                let path = String(cString: name)
                if let identity = FileIdentity(path: path) { found[path] = identity }
            }
        }
        // One file under two names is read once.
        var seen: Set<FileIdentity> = []
        return found.sorted { $0.key < $1.key }.filter { seen.insert($0.value).inserted }
            .map { (path: $0.key, identity: $0.value) }
    }
}

extension FileIdentity {
    /// Of a regular file; nil for anything else.
    init?(path: String) {
        var status = stat()
        guard lstat(path, &status) == 0, let identity = FileIdentity(status) else { return nil }
        self = identity
    }

    init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, let identity = FileIdentity(status) else { return nil }
        self = identity
    }

    private init?(_ status: stat) {
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        self.init(
            device: Int64(bitPattern: UInt64(status.st_dev)),
            inode: Int64(bitPattern: UInt64(status.st_ino)),
            size: Int64(status.st_size),
            modifiedAt: Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1000
        )
    }
}
