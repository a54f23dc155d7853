import CZlib

/// Packs what is small enough to be held whole (RFC 1952).
package enum Gzip {
    /// - Parameter level: 1, fast, to 9, small.
    /// - Returns: nil when zlib has no memory left.
    package static func packed(_ bytes: [UInt8], level: Int32 = 1) -> [UInt8]? {
        var stream = z_stream()
        guard cygni_gzip_begin(&stream, level) == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        var input = bytes
        let room = Int(deflateBound(&stream, UInt(bytes.count)))
        let isWhole = input.withUnsafeMutableBytes { input in
            stream.next_in = input.bindMemory(to: Bytef.self).baseAddress
            stream.avail_in = UInt32(input.count)
            return [UInt8](unsafeUninitializedCapacity: room) { output, count in
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(room)
                let status = deflate(&stream, Z_FINISH)
                count = status == Z_STREAM_END ? room - Int(stream.avail_out) : 0
            }
        }
        return isWhole.isEmpty ? nil : isWhole
    }
}
