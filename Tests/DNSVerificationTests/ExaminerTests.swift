import CygniDNS
import CygniModel
import CygniTestSupport
import DNSVerification
import Testing

/// A look at domains of a real server.
struct ExaminerTests {
    private func examine(_ name: String, _ zones: [String: String]) async throws -> Examination {
        let server = try await NameServer(zones)
        var settings = ResolverSettings()
        settings.asksLoopback = true
        settings.stubs = zones.keys.map { .init($0, [server.address]) }
        return try await Examiner(Resolver(settings)).examine(Claim(name: name, token: "token"))
    }

    @Test func `all that a verdict needs is asked for`() async throws {
        let found = try await examine(
            "www.shop.example.com",
            [
                "shop.example.com": """
                _cygni-challenge.www IN TXT "token"
                www IN A 192.0.2.1
                @ IN CAA 0 issue "ca.example"
                """
            ]
        )
        guard case .present = found.challenge, case .present = found.a, case .absent = found.aaaa else {
            Issue.record("\(found)")
            return
        }
        guard case .set(let set) = found.authority, let zone = found.zone.zone else {
            Issue.record("\(found)")
            return
        }
        #expect(set.owner.description == "shop.example.com" && zone.apex.description == "shop.example.com")
        #expect(zone.servers.map(\.description) == ["ns.shop.example.com"] && !zone.isSigned)
        #expect(
            zone.fingerprint
                == "shop.example.com / ns.shop.example.com host.shop.example.com / unsigned / ns.shop.example.com"
        )
        #expect(zone.provider == "example.com")
    }

    @Test func `a wildcard is looked for below its name`() async throws {
        let found = try await examine("*.shop.example.com", ["shop.example.com": "* IN A 192.0.2.1"])
        guard case .present = found.a else {
            Issue.record("\(found.a)")
            return
        }
    }

    @Test func `a server that refuses makes all unknown, nothing absent`() async throws {
        let server = try await NameServer(["other.example.com": ""])
        var settings = ResolverSettings()
        settings.asksLoopback = true
        settings.stubs = [.init("shop.example.com", [server.address])]
        let found = try await Examiner(Resolver(settings)).examine(
            Claim(name: "www.shop.example.com", token: "token")
        )
        for finding in [found.challenge, found.a, found.aaaa] {
            guard case .unknown = finding else {
                Issue.record("\(finding)")
                continue
            }
        }
        guard case .unknown = found.authority, case .unknown = found.zone else {
            Issue.record("\(found)")
            return
        }
    }
}
