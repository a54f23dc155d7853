import CTLS
package import Glibc

/// What a server shows in a TLS handshake.
package struct ShownChain: Hashable, Sendable {
    /// DER, leaf first, one behind the other.
    package let bytes: [UInt8]

    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// Connects and shakes hands, on this thread. Nothing is verified: who asks compares with what should be shown.
    ///
    /// - Parameters:
    ///   - name: sent as SNI (RFC 6066, section 3); nil sends none, as for an address.
    ///   - milliseconds: for connecting, and once more for the handshake.
    /// - Throws: ``Fault``.
    package init(
        at address: UnsafePointer<sockaddr>,
        _ length: socklen_t,
        name: String?,
        milliseconds: Int32
    ) throws(Fault) {
        let descriptor = socket(
            Int32(address.pointee.sa_family),
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue),
            0
        )
        guard descriptor >= 0 else { throw Fault(description: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        if connect(descriptor, address, length) != 0 {
            guard errno == EINPROGRESS else { throw Fault(description: String(cString: strerror(errno))) }
            var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&wait, 1, milliseconds) == 1 else { throw Fault(description: "no connection in time") }
            var cause: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &cause, &size)
            guard cause == 0 else { throw Fault(description: String(cString: strerror(cause))) }
        }
        var chain: UnsafeMutablePointer<UInt8>?
        var count = 0
        var words = [CChar](repeating: 0, count: 256)
        guard cygni_tls_show(descriptor, name, milliseconds, &chain, &count, &words, words.count) == 0, let chain else {
            throw Fault(
                description: String(decoding: words.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            )
        }
        bytes = Array(UnsafeBufferPointer(start: chain, count: count))
        cygni_tls_free(chain)
    }

    /// The first certificate alone.
    package var leaf: [UInt8] {
        // A SEQUENCE with a length of one to four bytes (X.690, 8.1.3).
        guard bytes.count > 4, bytes[0] == 0x30 else { return [] }
        var length = Int(bytes[1])
        var start = 2
        if length & 0x80 != 0 {
            let count = length & 0x7F
            guard (1...4).contains(count), bytes.count > 2 + count else { return [] }
            length = bytes[2..<2 + count].reduce(0) { $0 << 8 | Int($1) }
            start += count
        }
        return start + length <= bytes.count ? Array(bytes[..<(start + length)]) : []
    }
}
