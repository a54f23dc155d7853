import CygniDNS
import CygniModel
import DNSVerification
import Testing

/// What records say of ownership and target.
struct JudgeTests {
    private static let token = "k3w5x2qjzv7dpn4ym6ratb3uhc5fge7s"
    private let now = Timestamp(parsing: "2026-11-23T12:00:00Z") ?? Timestamp(microseconds: 0)

    private func texts(_ values: [String]) -> Finding {
        .present(
            values.map { Record(name: .root, type: .txt, ttl: 60, data: .text([Array($0.utf8)])) },
            aliases: [],
            .insecure
        )
    }

    @Test(arguments: [
        ([token], Verdict.present), (["other", "\(token) expiry=never"], .present), ([token.uppercased()], .present),
        (["\(token) expiry=2026-11-24"], .present), (["\(token) expiry=2026-11-23"], .absent(.ownershipExpired)),
        (["\(token) expiry=soon"], .absent(.ownershipExpired)), (["x\(token)"], .absent(.ownershipOther)),
        (["v=spf1 -all"], .absent(.ownershipOther)), ([""], .absent(.ownershipOther)),
    ])
    func `one record that begins with the token is enough`(values: [String], verdict: Verdict) {
        #expect(Ownership(texts(values), token: Self.token, now: now).verdict == verdict)
    }

    @Test(arguments: [
        ("\"\(token)\"", Ownership.NearMiss.quoted), (String(token.dropLast(4)), .truncated),
        ("cygni=\(token)", .padded),
        ("hello", .other("hello")),
    ])
    func `what came close is named`(value: String, miss: Ownership.NearMiss) {
        #expect(Ownership(texts([value]), token: Self.token, now: now).nearMisses == [miss])
    }

    @Test func `silence is not absence`() {
        for unknown in [Finding.Unknown.timeout, .failed(.serverFailure), .bogus("x"), .garbled("y")] {
            guard case .unknown = Ownership(.unknown(unknown), token: Self.token, now: now).verdict else {
                Issue.record("\(unknown)")
                continue
            }
        }
        let absent = Finding.absent(nameExists: false, aliases: [], by: nil, .insecure)
        #expect(Ownership(absent, token: Self.token, now: now).verdict == .absent(.ownershipMissing))
    }

    private static let four: [UInt8] = [192, 0, 2, 1]
    private static let six: [UInt8] = [0x20, 1, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [1]
    private static let foreign: [UInt8] = [203, 0, 113, 9]
    private static let foreignSix: [UInt8] = [0x20, 1, 0x0D, 0xB9] + Array(repeating: 0, count: 12)

    private func addresses(_ list: [[UInt8]]) -> Finding {
        guard !list.isEmpty else { return .absent(nameExists: true, aliases: [], by: nil, .insecure) }
        return .present(
            list.map { Record(name: .root, type: $0.count == 4 ? .a : .aaaa, ttl: 60, data: .address($0)) },
            aliases: [],
            .insecure
        )
    }

    @Test(arguments: [
        ([four], [six], Verdict.present), ([four], [], .present), ([], [six], .present),
        ([], [], .absent(.targetMissing)),
        ([foreign], [], .absent(.targetElsewhere)), ([four, foreign], [], .absent(.targetSplit)),
        ([four], [foreignSix], .absent(.targetSplit)), ([foreign], [foreignSix], .absent(.targetElsewhere)),
    ])
    func `addresses are ours, strangers', or both`(a: [[UInt8]], aaaa: [[UInt8]], verdict: Verdict) {
        let edge = Edge(addresses: [Self.four, Self.six])
        #expect(Target(a: addresses(a), aaaa: addresses(aaaa), edge: edge).verdict == verdict)
    }

    @Test func `with one family unknown only a stranger's address is sure`() {
        let edge = Edge(addresses: [Self.four])
        let unknown = Finding.unknown(.timeout)
        #expect(Target(a: addresses([Self.four]), aaaa: unknown, edge: edge).verdict == .unknown(.timeout))
        #expect(Target(a: addresses([Self.foreign]), aaaa: unknown, edge: edge).verdict == .absent(.targetElsewhere))
        #expect(Target(a: unknown, aaaa: addresses([]), edge: edge).verdict == .unknown(.timeout))
    }

    @Test func `a proxy's addresses are told as such`() throws {
        let network = try #require(Edge.Network("203.0.113.0/25"))
        #expect(network.contains(Self.foreign) && !network.contains([203, 0, 113, 200]) && !network.contains(Self.six))
        #expect(Edge.Network("203.0.113.0/33") == nil && Edge.Network("x/8") == nil && Edge.Network("1.2.3.4@5") == nil)
        let edge = Edge(addresses: [Self.four], proxies: [network])
        let proxied = Target(a: addresses([Self.foreign]), aaaa: addresses([]), edge: edge)
        #expect(proxied.verdict == .present && proxied.isProxied)
        let mixed = Target(a: addresses([Self.foreign]), aaaa: addresses([Self.foreignSix]), edge: edge)
        #expect(mixed.verdict == .absent(.targetElsewhere) && !mixed.isProxied)
    }
}
