import CygniTestSupport
import Testing

/// What an operator asks: why a domain stands as it does, and who would break.
@Suite struct QuestionTests {
    private static let zone = "shop.example.com"

    private func withShop(
        _ records: String = "",
        settings: String = "",
        _ body: (VerifyProcess, NameServer) async throws -> Void
    ) async throws {
        let server = try await NameServer([
            Self.zone: records, "cygni.example": "edge IN A 192.0.2.1\nedge IN AAAA 2001:db8::1",
        ])
        try await withDatabase(.migrated) { database in
            let process = try VerifyProcess(
                database,
                stubs: [Self.zone: [server.address], "cygni.example": [server.address]],
                settings: settings
            )
            try await process.seed()
            try await body(process, server)
        }
    }

    @Test(arguments: [
        (
            "_cygni-challenge.www.shop.example.com", "move TXT _cygni-challenge.www.shop.example.com.shop.example.com",
            "doubled_suffix"
        ),
        ("www", "move TXT www.shop.example.com to", "at_domain"), ("@", "move TXT shop.example.com to", "at_apex"),
        ("_cygni-challenge", "move TXT _cygni-challenge.shop.example.com to", "at_apex"),
        ("_cygni-challenge.www.www", "move TXT _cygni-challenge.www.www.shop.example.com to", "at_www"),
    ])
    func `a token at a name nearby is found`(place: String, fix: String, code: String) async throws {
        try await withShop { process, server in
            let token = try await process.claim("www.shop.example.com")
            try await server.serve(Self.zone, serial: 2, "\(place) IN TXT \"\(token)\"\nwww IN A 192.0.2.1")
            let explained = try await process.run(["--explain", "WWW.Shop.Example.com."])
            #expect(explained.status == 0 && explained.standardOutput.contains(fix), "\(explained)")
            #expect(explained.standardOutput.contains("near_miss: \(code)"))
            #expect(try await process.text("SELECT count(*) FROM cygni.domain_checks") == "0")
        }
    }

    @Test(arguments: [
        ("\"TOKEN\" IN", "the quotation marks"), ("HALF", "the value is cut off"),
        ("cygni=TOKEN", "must begin with the token"),
        ("TOKEN expiry=2020-01-01", "expiry= has passed"),
    ])
    func `a value that comes close is told apart`(value: String, fix: String) async throws {
        try await withShop { process, server in
            let token = try await process.claim("www.shop.example.com")
            let text = value.replacing("\"TOKEN\" IN", with: "\\\"\(token)\\\"").replacing("TOKEN", with: token)
                .replacing("HALF", with: String(token.prefix(20)))
            try await server.serve(Self.zone, serial: 2, "_cygni-challenge.www IN TXT \"\(text)\"\nwww IN A 192.0.2.1")
            let explained = try await process.run(["--explain", "www.shop.example.com", "--output", "json"])
            #expect(explained.status == 0 && explained.standardOutput.contains(fix), "\(explained)")
            #expect(
                explained.standardOutput.contains(#""answer":{"domains":[{"name":"www.shop.example.com","tenant":"t1""#)
            )
        }
    }

    @Test
    func `a CNAME in the way, a left-over AAAA, CAA, an exposed wildcard: one thing to change, the rest as concerns`()
        async throws
    {
        let records = """
            _cygni-challenge.www IN CNAME verify.elsewhere.shop.example.com.
            www IN A 192.0.2.1
            www IN AAAA 2001:db9::9
            * IN A 192.0.2.1
            @ IN CAA 0 issue "other.example"
            """
        try await withShop(records, settings: "authorities: {ca.example: {}}") { process, server in
            let token = try await process.claim("www.shop.example.com")
            let first = try await process.run(["--explain", "www.shop.example.com"])
            #expect(
                first.standardOutput.contains(
                    "CNAME _cygni-challenge.www.shop.example.com leads to verify.elsewhere.shop.example.com"
                ),
                "\(first)"
            )
            #expect(
                first.standardOutput.contains(
                    "caa_forbids: CAA of shop.example.com keeps ca.example from issuing: only other.example may"
                )
            )
            try await server.serve(
                Self.zone,
                serial: 2,
                records.replacing("IN CNAME verify.elsewhere.shop.example.com.", with: "IN TXT \"\(token)\"")
            )
            let second = try await process.run(["--explain", "www.shop.example.com"])
            #expect(second.standardOutput.contains("remove 2001:db9::9 from www.shop.example.com"), "\(second)")
            try await process.claim("deep.shop.example.com")
            let third = try await process.run(["--explain", "shop.example.com"])
            #expect(third.status == 1 && third.standardOutput.contains("no tenant claims"), "\(third)")
        }
    }

    @Test func `wildcards and whole domains have challenges of their own`() async throws {
        try await withShop(
            "* IN CNAME edge.cygni.example.\n_acme-challenge IN CNAME x.elsewhere.example.\na IN CNAME edge.cygni.example.",
            settings: "acme_delegation: acme.cygni.example"
        ) { process, server in
            let wild = try await process.claim("*.shop.example.com")
            let told = try await process.run(["--explain", "*.shop.example.com"])
            #expect(told.standardOutput.contains("TXT _wildcard._cygni-challenge.shop.example.com"), "\(told)")
            #expect(
                told.standardOutput.contains(
                    "acme_delegation: _acme-challenge.shop.example.com is an alias of x.elsewhere.example"
                )
            )
            let whole = try await process.claim(
                "shop.example.com",
                more: "UPDATE cygni.domains SET scope = 'domain' WHERE name = 'shop.example.com'"
            )
            try await process.claim("a.shop.example.com")
            try await server.serve(
                Self.zone,
                serial: 2,
                """
                * IN CNAME edge.cygni.example.
                @ IN A 192.0.2.1
                a IN CNAME edge.cygni.example.
                _wildcard._cygni-challenge IN TXT "\(wild)"
                _domain._cygni-challenge IN TXT "\(whole)"
                """
            )
            try await process.look()
            try await process.look()
            #expect(
                try await process.states() == [
                    "*.shop.example.com t1 verified ok 0", "a.shop.example.com t1 verified ok 0",
                    "shop.example.com t1 verified ok 0",
                ]
            )
        }
    }

    @Test func `who would break if an address of the edge went`() async throws {
        let records = """
            @ IN A 192.0.2.1
            pinned IN A 192.0.2.1
            both IN A 192.0.2.1
            both IN AAAA 2001:db8::1
            follows IN CNAME edge.cygni.example.
            other IN AAAA 2001:db8::1
            """
        try await withShop(records) { process, _ in
            for name in ["pinned", "both", "follows", "other"] { try await process.claim("\(name).shop.example.com") }
            try await process.owner("UPDATE cygni.domains SET state = 'verified'")
            let text = try await process.run(["--rehearse-edge", "192.0.2.1"])
            #expect(text.status == 3, "\(text)")
            #expect(text.standardOutput.contains("Without 192.0.2.1: 3 of 4 domains in service have it"))
            let json = try await process.run(["--rehearse-edge", "192.0.2.1", "--output", "json"])
            for part in [
                #"{"name":"pinned.shop.example.com","tenant":"t1","code":"breaks","ttl":60"#,
                #"{"name":"both.shop.example.com","tenant":"t1","code":"partly","ttl":60"#,
                #"{"name":"follows.shop.example.com","tenant":"t1","code":"follows","ttl":60"#, #""drain_seconds":60"#,
            ] { #expect(json.standardOutput.contains(part), "\(part): \(json)") }
            let wrong = try await process.run(["--rehearse-edge", "203.0.113.1"])
            #expect(wrong.status == 64, "\(wrong)")
        }
    }

    @Test func `a list says what each tenant should change`() async throws {
        try await withShop("www IN A 192.0.2.1") { process, _ in
            let token = try await process.claim("www.shop.example.com")
            try await process.claim("api.shop.example.com", tenant: 2)
            #expect(try await process.run(["--only", "www.shop.example.com"]).status == 0)
            let tool = try BuiltExecutable("cygni")
            let environment = ["CYGNI_CONFIG": process.folder.file("cygni.yaml")]
            let all = try await tool.run(["domain", "list", "--wrong"], environment: environment)
            #expect(all.status == 0 && all.standardOutput.contains("not_looked_at"), "\(all)")
            #expect(
                all.standardOutput.contains("add TXT _cygni-challenge.www.shop.example.com with the value \(token)")
            )
            let one = try await tool.run(
                ["domain", "list", "--tenant", "t2", "--output", "json"],
                environment: environment
            )
            #expect(one.standardOutput.contains(#""name":"api.shop.example.com","state":"pending""#), "\(one)")
            #expect(!one.standardOutput.contains("www.shop"))
            let nobody = try await tool.run(["domain", "list", "--tenant", "nobody"], environment: environment)
            #expect(nobody.status == 1, "\(nobody)")
        }
    }

    @Test func `a living certificate's name that leads elsewhere is told`() async throws {
        try await withShop("gone IN A 203.0.113.9\nhere IN A 192.0.2.1") { process, _ in
            try await process.owner(
                "INSERT INTO cygni.certificates (tenant_id, domain_names, not_before, not_after) VALUES (md5('t1')::uuid, '{gone.shop.example.com,here.shop.example.com}', now() - interval '1 day', now() + interval '30 days')"
            )
            let result = try await process.run(["--dry-run"])
            #expect(result.status == 0 && result.standardOutput.contains("watch  gone.shop.example.com"), "\(result)")
            #expect(!result.standardOutput.contains("here.shop.example.com"))
        }
    }

    @Test(arguments: [
        "co.uk", "a..b", "192.0.2.1", "*.*.example.com", "xn--a.example.com", "a b.example.com",
        String(repeating: "a", count: 64) + ".example.com",
    ])
    func `what is no name is refused`(name: String) async throws {
        try await withDatabase(.migrated) { database in
            let process = try VerifyProcess(database, stubs: [:])
            for flag in ["--explain", "--only"] {
                let result = try await process.run([flag, name])
                #expect(result.status == 64, "\(result)")
            }
        }
    }
}
