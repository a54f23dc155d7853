import CCurl
import Glibc

/// Which resolved addresses may be connected to.
///
/// It is asked about the address itself, after the look-up and before the connection, so a name that resolves to another
/// one a moment later gains nothing. Behind a proxy it judges the proxy's address.
package enum AddressPolicy: Hashable, Sendable {
    /// Every address: for services that the operator's own settings name.
    case any
    /// None that reaches this machine or its networks: for places that tenants name.
    case publicOnly

    /// Why `address` may not be connected to; nil when it may.
    func refusal(of address: UnsafePointer<curl_sockaddr>) -> String? {
        switch (self, address.pointee.family) {
        case (.any, _): return nil
        case (.publicOnly, AF_INET):
            return withUnsafePointer(to: address.pointee.addr) { pointer in
                pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { internet in
                    Self.refusal(ofIPv4: UInt32(bigEndian: internet.pointee.sin_addr.s_addr))
                }
            }
        case (.publicOnly, AF_INET6):
            // sin6_addr stands 8 bytes into a sockaddr_in6 (RFC 3493, 3.3); curl's structure is larger than Swift's sockaddr.
            guard let start = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return "the address can't be read" }
            let bytes = UnsafeRawPointer(address).advanced(by: start + 8)
            return Self.refusal(ofIPv6: (0..<16).map { bytes.load(fromByteOffset: $0, as: UInt8.self) })
        default: return "the kind of address is not allowed"
        }
    }

    /// Ranges that are not globally reachable (IANA, IPv4 Special-Purpose Address Registry).
    private static let special: [(network: UInt32, length: Int, name: String)] = [
        (0x0000_0000, 8, "this network"), (0x0A00_0000, 8, "private"), (0x6440_0000, 10, "shared, carrier-grade NAT"),
        (0x7F00_0000, 8, "loopback"), (0xA9FE_0000, 16, "link-local"), (0xAC10_0000, 12, "private"),
        (0xC000_0000, 24, "special purpose"), (0xC000_0200, 24, "documentation"), (0xC0A8_0000, 16, "private"),
        (0xC612_0000, 15, "benchmarking"), (0xC633_6400, 24, "documentation"), (0xCB00_7100, 24, "documentation"),
        (0xE000_0000, 4, "multicast"), (0xF000_0000, 4, "reserved"),
    ]

    static func refusal(ofIPv4 address: UInt32) -> String? {
        special.first { address >> UInt32(32 - $0.length) == $0.network >> UInt32(32 - $0.length) }?.name
    }

    /// The same for IPv6; an IPv4 address inside of one (mapped, NAT64, 6to4) is judged as that.
    static func refusal(ofIPv6 bytes: [UInt8]) -> String? {
        func embedded(at index: Int) -> String? {
            refusal(ofIPv4: bytes[index..<index + 4].reduce(0) { $0 << 8 | UInt32($1) })
        }
        if bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff { return embedded(at: 12) }
        if bytes.starts(with: [0, 0x64, 0xff, 0x9b]) { return embedded(at: 12) }
        if bytes.starts(with: [0x20, 0x02]) { return embedded(at: 2) }
        if bytes.dropLast().allSatisfy({ $0 == 0 }) { return bytes[15] == 1 ? "loopback" : "unspecified" }
        if bytes[0] & 0xfe == 0xfc { return "private (unique local)" }
        if bytes[0] == 0xfe, bytes[1] & 0x80 == 0x80 { return "link-local" }
        if bytes[0] == 0xff { return "multicast" }
        if bytes.starts(with: [0x20, 0x01, 0x0d, 0xb8]) { return "documentation" }
        // Everything given out for global use lies in 2000::/3.
        return bytes[0] & 0xe0 == 0x20 ? nil : "not a global address"
    }
}
