import CZstd

/// Compresses frames, each whole and independent of the others (RFC 8878), with its size and checksum inside.
final class ZstdCompressor {
    private let context: OpaquePointer

    /// - Parameter level: 1 to 19.
    init(level: Int) throws {
        guard let context = ZSTD_createCCtx() else { throw ArchiveError(.other, "out of memory") }
        self.context = context
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    }

    deinit {
        ZSTD_freeCCtx(context)
    }

    func compress(_ bytes: UnsafeRawBufferPointer) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { buffer, count in
            let written = ZSTD_compress2(context, buffer.baseAddress, buffer.count, bytes.baseAddress, bytes.count)
            guard ZSTD_isError(written) == 0 else {
                throw ArchiveError(.other, "failed to compress: \(String(cString: ZSTD_getErrorName(written)))")
            }
            count = written
        }
    }
}

/// Opens compressed frames.
enum Zstd {
    /// The content of one whole frame.
    ///
    /// - Parameter size: of the content, which the frame must say too; so hostile bytes cannot ask for more memory.
    static func decompress(_ bytes: UnsafeRawBufferPointer, size: Int) throws -> [UInt8] {
        guard ZSTD_findFrameCompressedSize(bytes.baseAddress, bytes.count) == bytes.count,
            ZSTD_getFrameContentSize(bytes.baseAddress, bytes.count) == UInt64(size)
        else { throw ArchiveError(.damaged, "the bytes are no compressed frame of \(size) bytes") }
        return try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            let written = ZSTD_decompress(buffer.baseAddress, size, bytes.baseAddress, bytes.count)
            guard ZSTD_isError(written) == 0, written == size else {
                let cause = ZSTD_isError(written) == 0 ? "too short" : String(cString: ZSTD_getErrorName(written))
                throw ArchiveError(.damaged, "a compressed frame does not open: \(cause)")
            }
            count = written
        }
    }
}
