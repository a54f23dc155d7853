import CZlib
import CZstd
import Crypto
import CygniModel

/// Unpacks a compressed stream piece by piece.
package protocol Unpacker: AnyObject {
    /// Calls `body` with what the next piece unpacks to.
    ///
    /// - Throws: ``UnpackingError``.
    func unpack(_ piece: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws

    /// Nothing of the stream is missing.
    var isComplete: Bool { get }
}

package struct UnpackingError: Error {
    package let cause: String
}

/// Bytes that one step unpacks at most.
private let unpackedSize = 256 * 1024

/// RFC 1952, one member or several.
package final class GzipUnpacker: Unpacker {
    private var stream = z_stream()
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: unpackedSize, alignment: 16)
    package private(set) var isComplete = false

    package init() throws {
        guard cygni_gunzip_begin(&stream) == Z_OK else { throw UnpackingError(cause: "out of memory") }
    }

    deinit {
        inflateEnd(&stream)
        output.deallocate()
    }

    package func unpack(_ piece: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        stream.next_in = UnsafeMutablePointer(mutating: piece.bindMemory(to: Bytef.self).baseAddress)
        stream.avail_in = UInt32(piece.count)
        repeat {
            if isComplete {
                // Padding after the last member (gzip's manual, "trailing zero bytes").
                guard stream.avail_in > 0, stream.next_in.pointee != 0 else { return }
                inflateReset(&stream)
                isComplete = false
            }
            stream.next_out = output.bindMemory(to: Bytef.self).baseAddress
            stream.avail_out = UInt32(output.count)
            let status = inflate(&stream, Z_NO_FLUSH)
            guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
                throw UnpackingError(cause: stream.msg.map { String(cString: $0) } ?? "gzip error \(status)")
            }
            let count = output.count - Int(stream.avail_out)
            if count > 0 { try body(UnsafeRawBufferPointer(rebasing: output.prefix(count))) }
            isComplete = status == Z_STREAM_END
        } while stream.avail_in > 0 || stream.avail_out == 0
    }
}

/// RFC 8878, one frame or several.
package final class ZstdUnpacker: Unpacker {
    private let context: OpaquePointer
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: unpackedSize, alignment: 16)
    package private(set) var isComplete = false

    package init() throws {
        guard let context = ZSTD_createDCtx() else { throw UnpackingError(cause: "out of memory") }
        self.context = context
        // A window of 128 MiB, as the zstd command takes without being asked for more.
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 27)
    }

    deinit {
        ZSTD_freeDCtx(context)
        output.deallocate()
    }

    package func unpack(_ piece: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        var input = ZSTD_inBuffer(src: piece.baseAddress, size: piece.count, pos: 0)
        var isFull = false
        while input.pos < input.size || isFull {
            var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
            let status = ZSTD_decompressStream(context, &target, &input)
            guard ZSTD_isError(status) == 0 else {
                throw UnpackingError(cause: String(cString: ZSTD_getErrorName(status)))
            }
            if target.pos > 0 { try body(UnsafeRawBufferPointer(rebasing: output.prefix(target.pos))) }
            isFull = target.pos == output.count && status != 0
            isComplete = status == 0
        }
    }
}

/// A SHA-256 that takes pieces.
package struct SHA256Stream {
    private var hash = SHA256()

    package init() {}

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        hash.update(bufferPointer: bytes)
    }

    package var hex: String { hash.finalize().hex }
}

extension SHA256Stream {
    /// The digest of bytes at hand, in hex.
    package static func hex(of bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).hex
    }
}
