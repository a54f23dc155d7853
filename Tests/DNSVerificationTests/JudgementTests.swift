import CygniDNS
import CygniModel
import Testing

@testable import DNSVerification

/// A resolver's word on a proof, weighed against that of the servers themselves and of resolvers elsewhere.
struct JudgementTests {
    private static let now = Timestamp(microseconds: 1_800_000_000_000_000)
    private static let token = "k3w5x2qjzv7dpn4ym6ratb3uhc5fge7s"
    private static let absent = Finding.absent(nameExists: false, aliases: [], by: nil, .insecure)
    private static let proof = Finding.present(
        [Record(name: .root, type: .txt, ttl: 60, data: .text([Array(token.utf8)]))],
        aliases: [],
        .insecure
    )

    private func ownership(
        _ challenge: Finding,
        servers: [Bool?] = [],
        isSigned: Bool = false,
        quorum: Survey.Quorum? = nil,
        needed: Int = 0,
        wasVerified: Bool = false,
        isCovered: Bool = false
    ) throws -> Verdict {
        let name = try #require(DomainName("shop.example.com"))
        let zone = ZoneFinding.zone(.init(apex: name, authority: [], servers: [], isSigned: isSigned))
        var examination = Examination(
            challenge: challenge,
            a: Self.absent,
            aaaa: Self.absent,
            authority: .none,
            zone: zone
        )
        if !servers.isEmpty || quorum != nil {
            examination.survey = Survey(
                servers: servers.enumerated().map { index, proof in
                    .init(
                        name: "ns\(index)",
                        address: "192.0.2.\(index)",
                        word: proof.map { .serves(serial: 1, hasProof: $0) } ?? .silent("x"),
                        milliseconds: 1
                    )
                },
                quorum: quorum
            )
        }
        let judgement = Judgement(
            try Claim(name: "www.shop.example.com", token: Self.token),
            examination,
            .init(edge: Edge(addresses: []), quorum: needed),
            isCovered: isCovered,
            wasVerified: wasVerified,
            now: Self.now
        )
        return judgement.look.ownership
    }

    @Test func `absence counts when no server has the proof, and not while one has`() throws {
        #expect(try ownership(Self.absent) == .absent(.ownershipMissing))
        #expect(try ownership(Self.absent, servers: [false, false]) == .absent(.ownershipMissing))
        #expect(try ownership(Self.absent, servers: [false, true]) == .unknown(.serversDisagree))
        #expect(try ownership(Self.absent, servers: [nil, nil]) == .absent(.ownershipMissing))
    }

    @Test func `a fresh proof behind a cache is believed from the servers, unless signatures would have to say so`()
        throws
    {
        #expect(try ownership(Self.absent, servers: [true, true, nil]) == .present)
        #expect(try ownership(Self.absent, servers: [true, true], isSigned: true) == .unknown(.serversDisagree))
    }

    @Test func `an unsigned proof is new only where enough resolvers elsewhere see it`() throws {
        #expect(try ownership(Self.proof, quorum: .init(seen: 1, asked: 3), needed: 2) == .unknown(.quorumMissed))
        #expect(try ownership(Self.proof, quorum: .init(seen: 2, asked: 3), needed: 2) == .present)
        #expect(try ownership(Self.proof, needed: 2) == .unknown(.quorumMissed))
        #expect(try ownership(Self.proof, isSigned: true, needed: 2) == .present)
        #expect(try ownership(Self.proof, needed: 2, wasVerified: true) == .present)
    }

    @Test func `a proof for a whole domain covers the names below it, but not what nobody could tell`() throws {
        #expect(try ownership(Self.absent, isCovered: true) == .present)
        #expect(try ownership(.unknown(.timeout), isCovered: true) == .unknown(.timeout))
    }
}
