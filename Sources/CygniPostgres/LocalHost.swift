import Glibc

/// Which hosts of a connection string are this very machine.
///
/// libpq's default, `sslmode=prefer`, falls back to plain text without a word. A connection that leaves this machine is
/// verified instead, unless the operator wrote another mode.
enum LocalHost {
    /// Whether all of a comma-separated list are; an empty one means the unix socket.
    static func isMeant(by hosts: String) -> Bool {
        hosts.split(separator: ",").allSatisfy { host in
            host.hasPrefix("/") || host.hasPrefix("@") || host == "localhost" || isLoopbackAddress(String(host))
        }
    }

    /// A name that only looks like an address, such as `127.0.0.1.example.test`, is none.
    private static func isLoopbackAddress(_ text: String) -> Bool {
        var version4 = in_addr()
        if inet_pton(AF_INET, text, &version4) == 1 { return UInt32(bigEndian: version4.s_addr) >> 24 == 127 }
        var version6 = in6_addr()
        guard inet_pton(AF_INET6, text, &version6) == 1 else { return false }
        return withUnsafeBytes(of: version6) { bytes in bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1 }
    }
}
