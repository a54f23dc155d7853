import CygniDNS
import CygniTestSupport
import Testing

/// What validation makes of zones that are signed, and of those that should be.
struct SecurityTests {
    private func find(
        _ zone: SignedZone,
        _ text: String,
        _ type: RecordType = .a,
        anchor: String? = nil
    ) async throws -> Finding {
        let server = try await NameServer(signed: [zone.name: zone.records])
        var settings = ResolverSettings()
        settings.asksLoopback = true
        settings.stubs = [.init(zone.name, [server.address])]
        settings.anchors = [anchor ?? zone.anchor]
        return try await Resolver(settings).find(try #require(DomainName(text)), type)
    }

    @Test func `what is signed is secure, its absence too`() async throws {
        let zone = try await SignedZone("signed.example", "www IN A 192.0.2.1")
        guard case .present(_, _, .secure) = try await find(zone, "www.signed.example") else {
            Issue.record("not secure")
            return
        }
        #expect(
            try await find(zone, "no.signed.example")
                == .absent(
                    nameExists: false,
                    aliases: [],
                    by: try negative("signed.example"),
                    .secure
                )
        )
    }

    @Test(arguments: [SignedZone.Spoiling.expired, .altered])
    func `what is signed wrongly is unknown, with a reason, and never present or absent`(
        spoiling: SignedZone.Spoiling
    ) async throws {
        let zone = try await SignedZone("spoilt.example", "www IN A 192.0.2.1", spoiling)
        guard case .unknown(.bogus(let reason)) = try await find(zone, "www.spoilt.example") else {
            Issue.record("taken for good")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test func `with another anchor nothing of the zone is believed`() async throws {
        let zone = try await SignedZone("anchor.example", "www IN A 192.0.2.1")
        let other = try await SignedZone("anchor.example", "")
        let found = try await find(zone, "www.anchor.example", anchor: other.anchor)
        guard case .unknown(.bogus) = found else {
            Issue.record("\(found)")
            return
        }
        let absent = try await find(zone, "no.anchor.example", anchor: other.anchor)
        guard case .unknown(.bogus) = absent else {
            Issue.record("\(absent)")
            return
        }
    }
}
