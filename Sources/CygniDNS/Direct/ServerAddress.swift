package import Glibc

/// Where a name server listens.
package struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
    /// Four bytes, or sixteen.
    package var bytes: [UInt8]
    package var port: UInt16

    /// - Returns: nil unless there are 4 or 16 bytes.
    package init?(_ bytes: [UInt8], port: UInt16 = 53) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
        self.port = port
    }

    /// Reads `192.0.2.1`, `2001:db8::1`, either with `@port` behind it, as unbound.conf(5) writes them.
    package init?(_ text: String) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let port = parts.count == 2 ? UInt16(parts[1]) : 53 else { return nil }
        var four = in_addr()
        var sixteen = in6_addr()
        if inet_pton(AF_INET, parts[0], &four) == 1 {
            self.init(withUnsafeBytes(of: &four) { Array($0) }, port: port)
        } else if inet_pton(AF_INET6, parts[0], &sixteen) == 1 {
            self.init(withUnsafeBytes(of: &sixteen) { Array($0) }, port: port)
        } else {
            return nil
        }
    }

    package var description: String { Self.text(bytes) + (port == 53 ? "" : "@\(port)") }

    /// An address as people write it (RFC 5952).
    package static func text(_ bytes: [UInt8]) -> String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard bytes.count == 4 || bytes.count == 16,
            inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil
        else { return "?" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Whether it is of this host or of a network that the Internet does not know (IANA, special-purpose address registries): a
    /// stranger's zone must not send us there.
    package var isInternal: Bool {
        if bytes.count == 4 {
            switch (bytes[0], bytes[1]) {
            case (0, _), (10, _), (127, _), (169, 254), (172, 16...31), (192, 168), (100, 64...127), (224..., _):
                return true
            default: return false
            }
        }
        let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        if isMapped { return ServerAddress(Array(bytes.suffix(4)))?.isInternal ?? true }
        // Unspecified and loopback, unique local, link-local, multicast.
        return bytes.dropLast().allSatisfy { $0 == 0 } || bytes[0] & 0xFE == 0xFC
            || (bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80) || bytes[0] == 0xFF
    }

    var family: Int32 { bytes.count == 4 ? AF_INET : AF_INET6 }

    /// Calls a function of the C library that takes an address.
    package func withSockaddr<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        if bytes.count == 4 {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: bytes) }
            return withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }
}
