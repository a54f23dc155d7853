import CygniHTTP
import Glibc

/// One object while it is written, under a name that no key has.
struct FolderUpload {
    private let uploads: FolderHandle
    private let name: String
    private let file: FolderHandle

    init(in uploads: FolderHandle) throws {
        self.uploads = uploads
        name = "\(getpid())-\(UInt64.random(in: 0 ... .max))"
        let descriptor = openat(uploads.descriptor, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw FolderFault(errno) }
        file = FolderHandle(descriptor: descriptor)
    }

    func write(_ body: ObjectBody) async throws {
        switch body {
        case .bytes(let bytes): try bytes.withUnsafeBytes(append)
        case .stream(let next):
            while let piece = try await next() { try piece.withUnsafeBytes(append) }
        case .file(let source, _): try copy(source)
        }
    }

    private func append(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(file.descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FolderFault(count == 0 ? EIO : errno) }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
    }

    private func copy(_ source: HTTPFile) throws {
        var offset = off_t(source.offset)
        let end = off_t(source.offset + source.length)
        while offset < end {
            try Task.checkCancellation()
            let count = sendfile(file.descriptor, source.descriptor, &offset, min(Int(end - offset), 8 << 20))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FolderFault(count == 0 ? EIO : errno) }
        }
    }

    func flush() throws {
        guard fsync(file.descriptor) == 0 else { throw FolderFault(errno) }
    }

    /// Gives the object its name: by link(2), which never replaces, or by rename(2), which does.
    func place(in folder: FolderHandle, as target: String, _ condition: PutCondition) throws -> PutResult {
        switch condition {
        case .ifAbsent:
            guard linkat(uploads.descriptor, name, folder.descriptor, target, 0) == 0 else {
                if errno == EEXIST { return .exists }
                throw FolderFault(errno)
            }
        case .replace:
            guard renameat(uploads.descriptor, name, folder.descriptor, target) == 0 else { throw FolderFault(errno) }
        }
        try folder.flush()
        return .stored
    }

    /// Removes the name it was written under, which is gone already after a rename.
    func discard() {
        unlinkat(uploads.descriptor, name, 0)
    }
}
