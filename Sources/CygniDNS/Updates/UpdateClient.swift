package import CygniModel
import Dispatch
import Glibc

/// Sends updates to a zone's primary server, over TCP.
///
/// The signature of the server's reply is not verified; the reply counts as far as the connection does.
package struct UpdateClient: Sendable {
    package let server: ServerAddress
    private let zone: DomainName?
    private let key: TransactionKey?
    private let direct: DirectClient

    /// - Parameter zone: what is updated; nil: it is found out by asking the server.
    package init(server: ServerAddress, zone: DomainName?, key: TransactionKey?) throws {
        (self.server, self.zone, self.key) = (server, zone, key)
        direct = try DirectClient()
    }

    /// - Parameter name: is in the zone that is updated.
    /// - Throws: ``UpdateFault`` when the update did not reach the server or was not answered.
    package func send(_ update: DNSUpdate, for name: DomainName, at now: Timestamp) async throws -> UpdateReply {
        let found = if let zone { zone } else { try await findZone(of: name) }
        guard name.isWithin(found) else { throw UpdateFault("\(name) is not in the zone \(found) that is updated") }
        let message = update.bytes(zone: found, id: .random(in: 0 ... .max), key: key, at: now)
        let server = server
        let code = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int, any Error>) in
            DispatchQueue.global().async { continuation.resume(with: Result { try Self.exchange(message, server) }) }
        }
        return UpdateReply(code: code, zone: found)
    }

    /// The zone that the server itself has the name in.
    private func findZone(of name: DomainName) async throws -> DomainName {
        var next: DomainName? = name
        while let candidate = next, candidate != .root {
            if case .message(let message, _, _) = try await direct.ask(server, candidate, .soa),
                message.answers.contains(where: { $0.type == .soa && $0.name == candidate })
            {
                return candidate
            }
            next = candidate.parent
        }
        throw UpdateFault("the name server \(server) has no zone for \(name)")
    }

    /// - Returns: the response code.
    private static func exchange(_ message: [UInt8], _ server: ServerAddress) throws -> Int {
        func failure(_ what: String) -> UpdateFault {
            UpdateFault("failed to \(what) the name server \(server): \(String(cString: strerror(errno)))")
        }
        let descriptor = socket(server.family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("open a socket to") }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        guard server.withSockaddr({ connect(descriptor, $0, $1) }) == 0 else { throw failure("connect to") }
        let framed = withUnsafeBytes(of: UInt16(message.count).bigEndian, Array.init) + message
        guard Glibc.send(descriptor, framed, framed.count, Int32(MSG_NOSIGNAL)) == framed.count else {
            throw failure("write to")
        }
        var reply = [UInt8](repeating: 0, count: 14)
        var count = 0
        while count < reply.count {
            let got = reply.withUnsafeMutableBytes { buffer in
                recv(
                    descriptor,
                    UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).baseAddress,
                    buffer.count - count,
                    0
                )
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw failure("read from") }
            count += got
        }
        guard reply[2] == message[0], reply[3] == message[1], reply[4] & 0xF8 == 0xA8 else {
            throw UpdateFault("the name server \(server) answered something else than the update")
        }
        return Int(reply[5] & 0x0F)
    }
}

/// What the server said to an update (RFC 2136, section 2.2).
package struct UpdateReply: Hashable, Sendable {
    package let code: Int
    package let zone: DomainName

    package var isDone: Bool { code == 0 }
    /// A name owns records that must own none.
    package var isInUse: Bool { code == 6 }
    /// A record is not there that must be, or is another one; the same for a name.
    package var isMissing: Bool { code == 8 || code == 3 }

    /// `REFUSED`
    package var words: String {
        let names = [
            1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 6: "YXDOMAIN", 7: "YXRRSET",
            8: "NXRRSET", 9: "NOTAUTH", 10: "NOTZONE",
        ]
        return names[code] ?? "response code \(code)"
    }
}

/// An update was not made, or nobody knows.
package struct UpdateFault: Error, CustomStringConvertible {
    package let description: String
    init(_ text: String) { description = text }
}
