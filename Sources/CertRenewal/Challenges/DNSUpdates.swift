import CygniDNS
import CygniModel
import Dispatch
import Glibc

/// dns-01 answered by a name server that takes updates (RFC 2136), over TCP.
final class DNSUpdates: ChallengeResponder {
    private let server: ServerAddress
    private let zone: DomainName?
    private let key: TransactionKey?
    private let ttl: Int
    private let resolver: Resolver?
    private let direct: DirectClient
    private let time: RunTime
    let settle: Duration

    init(_ settings: DNSChallengeSection, _ server: ServerAddress, _ resolver: Resolver?, _ time: RunTime) throws {
        self.time = time
        self.server = server
        zone = settings.zone.flatMap { DomainName($0) }
        ttl = settings.ttl
        settle = settings.settle
        self.resolver = settings.followsAliases ? resolver : nil
        direct = try DirectClient()
        key = try settings.keyName.flatMap { name in
            try settings.key.map { secret in
                guard let key = TransactionKey(name: name, algorithm: settings.keyAlgorithm, secret: secret) else {
                    throw ChallengeFault("dns.key is not a TSIG key in base64")
                }
                return key
            }
        }
    }

    func present(_ task: ChallengeTask) async throws { try await change(.add(ttl: ttl), task) }
    func withdraw(_ task: ChallengeTask) async throws { try await change(.remove, task) }

    private func change(_ change: DNSUpdateMessage.Change, _ task: ChallengeTask) async throws {
        let target = try await DNSAlias.place(task.name, resolver).target
        let found = if let zone { zone } else { try await findZone(of: target) }
        guard target.isWithin(found) else {
            throw ChallengeFault("\(target) is not in the zone \(found) that is updated")
        }
        let message = DNSUpdateMessage.bytes(
            change,
            target,
            task.dnsValue,
            zone: found,
            id: .random(in: 0 ... .max),
            key: key,
            at: time()
        )
        let server = server
        let code = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int, any Error>) in
            DispatchQueue.global().async { continuation.resume(with: Result { try Self.exchange(message, server) }) }
        }
        guard code == 0 else {
            throw ChallengeFault(
                "the name server \(server) refused to change \(target) in \(found): \(Self.words(code))"
            )
        }
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
        throw ChallengeFault("the name server \(server) has no zone for \(name)")
    }

    private static func words(_ code: Int) -> String {
        [1: "FORMERR", 2: "SERVFAIL", 4: "NOTIMP", 5: "REFUSED", 8: "NXRRSET", 9: "NOTAUTH", 10: "NOTZONE"][code]
            ?? "response code \(code)"
    }

    /// - Returns: the response code.
    private static func exchange(_ message: [UInt8], _ server: ServerAddress) throws -> Int {
        func failure(_ what: String) -> ChallengeFault {
            ChallengeFault("failed to \(what) the name server \(server): \(String(cString: strerror(errno)))")
        }
        let descriptor = socket(
            server.bytes.count == 4 ? AF_INET : AF_INET6,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { throw failure("open a socket to") }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        guard server.withSockaddr({ connect(descriptor, $0, $1) }) == 0 else { throw failure("connect to") }
        let framed = withUnsafeBytes(of: UInt16(message.count).bigEndian, Array.init) + message
        guard send(descriptor, framed, framed.count, Int32(MSG_NOSIGNAL)) == framed.count else {
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
            throw ChallengeFault("the name server \(server) answered something else than the update")
        }
        return Int(reply[5] & 0x0F)
    }
}
