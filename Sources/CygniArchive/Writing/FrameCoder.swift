import Crypto
import CygniModel

/// Makes a frame's stored bytes of its lines: digest of the rows, compression, seal.
///
/// Unchecked, as whoever took it from the writer's pool has it alone.
struct FrameCoder: @unchecked Sendable {
    let compressor: ZstdCompressor
    let seal: FrameSeal?

    struct Coded {
        var bytes: [UInt8]
        var digest: RowDigest
        var sha256: String
    }

    func code(_ lines: LineBuffer) throws -> Coded {
        var digest = RowDigest()
        let bytes = lines.bytes
        var start = 0
        for end in lines.lineEnds {
            digest.add(row: UnsafeRawBufferPointer(rebasing: bytes[start..<end - 1]))
            start = end
        }
        var stored = try compressor.compress(bytes)
        if let seal { stored = try stored.withUnsafeBytes(seal.seal) }
        return Coded(bytes: stored, digest: digest, sha256: SHA256.hash(data: stored).hex)
    }
}
