import Glibc

/// An open folder, closed with its last reference. Names are looked up below it one by one and no link is followed.
final class FolderHandle: Sendable {
    let descriptor: Int32

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// - Throws: ``FolderFault``.
    convenience init(path: String) throws {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FolderFault(errno) }
        self.init(descriptor: descriptor)
    }

    /// The folder `name` in this one; with `creating`, made when it is not there.
    func folder(_ name: String, creating: Bool = false) throws -> FolderHandle {
        if creating, mkdirat(descriptor, name, 0o750) == 0 { try flush() }
        let found = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard found >= 0 else { throw FolderFault(errno) }
        return FolderHandle(descriptor: found)
    }

    /// Names in it survive a crash from here on.
    func flush() throws {
        guard fsync(descriptor) == 0 else { throw FolderFault(errno) }
    }

    /// The names in it and whether each is a folder; links and the like are left out.
    func entries() throws -> [(name: String, isFolder: Bool)] {
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else { throw FolderFault(errno) }
        defer { closedir(stream) }
        var found: [(String, Bool)] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw FolderFault(errno) }
                return found
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            var kind = Int32(entry.pointee.d_type)
            if kind == Int32(DT_UNKNOWN) { kind = try status(of: name).isFolder ? Int32(DT_DIR) : Int32(DT_REG) }
            if kind == Int32(DT_DIR) || kind == Int32(DT_REG) { found.append((name, kind == Int32(DT_DIR))) }
        }
    }

    func status(of name: String) throws -> FileStatus {
        var status = stat()
        guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw FolderFault(errno) }
        return FileStatus(status)
    }
}

/// What stat(2) says of a file, as far as this store needs it.
struct FileStatus {
    let size: Int64
    let modifiedAt: Int64
    let isFile: Bool
    let isFolder: Bool

    init(_ status: stat) {
        size = Int64(status.st_size)
        modifiedAt = Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec / 1000)
        isFile = status.st_mode & S_IFMT == S_IFREG
        isFolder = status.st_mode & S_IFMT == S_IFDIR
    }
}

/// The errno of a call that failed.
struct FolderFault: Error {
    let number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    var isMissing: Bool { number == ENOENT }

    /// - Parameter what: `put 'a/b'`.
    func error(_ what: String, _ place: String) -> ObjectStoreError {
        let kind: ObjectStoreError.Kind =
            switch number {
            case ENOENT: .notFound
            case ENOSPC, EDQUOT: .full
            case EACCES, EPERM, EROFS: .denied
            case ENOTDIR, ELOOP, EISDIR, ENAMETOOLONG: .key
            case EIO, ESTALE, ENODEV: .unavailable
            default: .other
            }
        return ObjectStoreError(kind, "failed to \(what) in \(place): \(String(cString: strerror(number)))")
    }
}
