package import CygniModel
import Glibc
import Synchronization

/// Objects as files below a folder: written beside, flushed, then linked into place; no key leads out of it.
package struct FolderStore: ObjectStore {
    package let root: String

    package init(root: String) {
        self.root = root
    }

    package var place: String { "file://\(root)" }

    /// Where objects are written before they are whole.
    private static let uploads = ".cygni-uploads"

    @discardableResult
    package func put(_ key: String, _ body: ObjectBody, _ condition: PutCondition) async throws -> PutResult {
        let segments = try FolderKey.segments(of: key)
        return try await attempt("put '\(key)'") {
            let root = try open(creating: true)
            let uploads = try root.folder(Self.uploads, creating: true)
            let upload = try FolderUpload(in: uploads)
            defer { upload.discard() }
            try await upload.write(body)
            try upload.flush()
            var folder = root
            for segment in segments.dropLast() { folder = try folder.folder(segment, creating: true) }
            return try upload.place(in: folder, as: segments[segments.count - 1], condition)
        }
    }

    package func get(_ key: String, range: Range<Int64>?) async throws -> ObjectDownload {
        let what = "get '\(key)'"
        return try await attempt(what) {
            let (folder, name) = try locate(key)
            let descriptor = openat(folder.descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else { throw FolderFault(errno) }
            let file = FolderHandle(descriptor: descriptor)
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw FolderFault(errno) }
            guard status.st_mode & S_IFMT == S_IFREG else { throw FolderFault(ENOENT) }
            let size = Int64(status.st_size)
            let wanted = (range ?? 0..<size).clamped(to: 0..<size)
            guard range.map({ $0.lowerBound < size }) ?? true else {
                throw ObjectStoreError(
                    .other,
                    "failed to \(what) in \(place): the range begins past the end, at \(size)"
                )
            }
            let reader = FolderReader(file, wanted)
            return ObjectDownload(size: size) {
                do {
                    return try reader.next()
                } catch let fault as FolderFault {
                    throw fault.error(what, self.place)
                }
            }
        }
    }

    package func isThere() async throws -> Bool {
        try await attempt("look at it") {
            do {
                _ = try open()
                return true
            } catch let fault as FolderFault where fault.isMissing {
                return false
            }
        }
    }

    package func head(_ key: String) async throws -> ObjectInfo? {
        try await attempt("look at '\(key)'") {
            do {
                let (folder, name) = try locate(key)
                let status = try folder.status(of: name)
                guard status.isFile else { return nil }
                return ObjectInfo(
                    key: key,
                    size: status.size,
                    modifiedAt: Timestamp(microseconds: status.modifiedAt)
                )
            } catch let fault as FolderFault where fault.isMissing || fault.number == ENOTDIR {
                return nil
            }
        }
    }

    package func delete(_ keys: [String]) async throws -> [String: String] {
        var failed: [String: String] = [:]
        for key in keys {
            try Task.checkCancellation()
            do {
                try await attempt("delete '\(key)'") {
                    let (folder, name) = try locate(key)
                    guard unlinkat(folder.descriptor, name, 0) == 0 else { throw FolderFault(errno) }
                    try folder.flush()
                }
            } catch let error as ObjectStoreError where error.kind == .notFound {
                continue
            } catch let error as ObjectStoreError {
                failed[key] = error.description
            }
        }
        return failed
    }

    package func strayUploads(_ prefix: String, before: Timestamp) async throws -> [StrayUpload] {
        try await attempt("list the uploads") {
            do {
                let uploads = try open().folder(Self.uploads)
                return try uploads.entries().compactMap { name, _ in
                    guard let status = try? uploads.status(of: name), status.modifiedAt < before.microseconds else {
                        return nil
                    }
                    return StrayUpload(key: "", id: name, startedAt: Timestamp(microseconds: status.modifiedAt))
                }
            } catch let fault as FolderFault where fault.isMissing {
                return []
            }
        }
    }

    package func abort(_ upload: StrayUpload) async throws {
        try await attempt("remove the upload '\(upload.id)'") {
            let uploads = try open().folder(Self.uploads)
            guard unlinkat(uploads.descriptor, upload.id, 0) == 0 || errno == ENOENT else { throw FolderFault(errno) }
        }
    }

    /// The root, made with the folders above it when `creating`.
    func open(creating: Bool = false) throws -> FolderHandle {
        do {
            return try FolderHandle(path: root)
        } catch let fault as FolderFault where fault.isMissing && creating {
            var folder = try FolderHandle(path: "/")
            for name in root.split(separator: "/") {
                // The root itself, and what is above it, is the operator's own: links in it are followed.
                mkdirat(folder.descriptor, String(name), 0o750)
                let next = openat(folder.descriptor, String(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                guard next >= 0 else { throw FolderFault(errno) }
                folder = FolderHandle(descriptor: next)
            }
            return folder
        }
    }

    private func locate(_ key: String) throws -> (folder: FolderHandle, name: String) {
        let segments = try FolderKey.segments(of: key)
        var folder = try open()
        for segment in segments.dropLast() { folder = try folder.folder(segment) }
        return (folder, segments[segments.count - 1])
    }

    /// Gives what failed its name.
    func attempt<Value>(_ what: String, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let fault as FolderFault {
            throw fault.error(what, place)
        }
    }
}

/// Reads a range of a file piece by piece.
private final class FolderReader: Sendable {
    private let file: FolderHandle
    private let rest: Mutex<Range<Int64>>

    init(_ file: FolderHandle, _ range: Range<Int64>) {
        self.file = file
        rest = Mutex(range)
    }

    func next() throws -> [UInt8]? {
        try rest.withLock { rest in
            let wanted = min(rest.count, 256 * 1024)
            guard wanted > 0 else { return nil }
            let offset = rest.lowerBound
            let descriptor = file.descriptor
            let bytes = try [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
                let read = pread(descriptor, buffer.baseAddress, wanted, off_t(offset))
                // An end before the end: someone cut the file.
                guard read > 0 else { throw FolderFault(read == 0 ? EIO : errno) }
                count = read
            }
            rest = offset + Int64(bytes.count)..<rest.upperBound
            return bytes
        }
    }
}
