import Glibc

/// A TCP port on loopback that was free a moment ago.
package struct OneTimePort: Sendable {
    package let number: UInt16

    /// One that no outgoing connection gets meanwhile (ip(7), ip_local_port_range), for who listens only now and then.
    package static func quiet() throws -> Int {
        for _ in 0..<100 {
            if let port = try? OneTimePort(.random(in: 10_000..<30_000)) { return Int(port.number) }
        }
        throw TestSupportError("found no free port")
    }

    /// Lets the kernel choose; it does not hand the same one out again soon.
    package init() throws { try self.init(0) }

    private init(_ wanted: UInt16) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        guard descriptor >= 0 else { throw TestSupportError("failed to make a socket", errno: errno) }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = wanted.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard bound else { throw TestSupportError("failed to find a free port", errno: errno) }
        number = UInt16(bigEndian: address.sin_port)
    }
}
