import CygniArchive
import CygniJobs
import CygniModel

/// How a log file is compressed, told by its first bytes and not by its name.
enum FileEncoding: String {
    case plain, gzip, zstd

    init(start: UnsafeRawBufferPointer) {
        if start.starts(with: [0x1f, 0x8b]) {
            self = .gzip
        } else if start.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) {
            self = .zstd
        } else {
            self = .plain
        }
    }
}

/// Reads a log file once: its own digest, and its content piece by piece, unpacked.
struct FileDecoding {
    let file: OpenFile

    /// Calls `body` with pieces of the content.
    ///
    /// - Returns: how it was compressed, its size and its SHA-256.
    /// - Throws: ``JobFailure`` for a compressed file that is damaged or cut off.
    func read(_ body: (UnsafeRawBufferPointer) throws -> Void) throws -> (FileEncoding, size: Int64, sha256: String) {
        var hash = SHA256Stream()
        var encoding: FileEncoding?
        var unpacker: (any Unpacker)?
        var offset: Int64 = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try file.read(buffer, at: offset)
            guard count > 0 else { break }
            let piece = UnsafeRawBufferPointer(rebasing: buffer.prefix(count))
            if encoding == nil {
                let found = FileEncoding(start: piece)
                encoding = found
                unpacker = try found.unpacker()
            }
            hash.update(piece)
            offset += Int64(count)
            do {
                if let unpacker { try unpacker.unpack(piece, body) } else { try body(piece) }
            } catch let error as UnpackingError {
                throw JobFailure("'\(file.path)' does not unpack: \(error.cause)")
            }
        }
        if let unpacker, !unpacker.isComplete {
            throw JobFailure("'\(file.path)' is cut off: its last block is missing")
        }
        return (encoding ?? .plain, offset, hash.hex)
    }
}

extension FileEncoding {
    fileprivate func unpacker() throws -> (any Unpacker)? {
        switch self {
        case .plain: nil
        case .gzip: try GzipUnpacker()
        case .zstd: try ZstdUnpacker()
        }
    }
}
