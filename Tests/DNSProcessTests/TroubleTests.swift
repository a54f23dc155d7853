import CygniTestSupport
import Glibc
import Testing

/// What must not change a state: servers that are silent, wrong, gone, or all changed at once.
@Suite struct TroubleTests {
    private static let zone = "many.example.com"

    /// Domains n0, n1 ... of one zone, all of them verified.
    private func withMany(
        _ count: Int,
        settings: String = "",
        _ body: (VerifyProcess, NameServer, _ proofs: String) async throws -> Void
    ) async throws {
        let server = try await NameServer([Self.zone: ""])
        try await withDatabase(.migrated) { database in
            let process = try VerifyProcess(database, stubs: [Self.zone: [server.address]], settings: settings)
            try await process.seed()
            try await process.owner(
                """
                INSERT INTO cygni.domains (tenant_id, project_id, name)
                SELECT md5('t' || 1 + i % 4)::uuid, md5('p' || 1 + i % 4)::uuid, 'n' || i || '.\(Self.zone)' FROM generate_series(0, \(count - 1)) AS i
                """
            )
            let proofs = try await process.text(
                "SELECT string_agg('_cygni-challenge.' || split_part(name, '.', 1) || ' IN TXT \"' || verification_token || E'\"\\n' || split_part(name, '.', 1) || ' IN A 192.0.2.1', E'\\n') FROM cygni.domains"
            )
            try await server.serve(Self.zone, serial: 2, proofs)
            let first = try await process.look()
            try #require(first.status == 0, "\(first)")
            try #require(try await verified(process) == count)
            try await body(process, server, proofs)
        }
    }

    private func verified(_ process: VerifyProcess) async throws -> Int {
        Int(try await process.text("SELECT count(*) FROM cygni.domains WHERE state = 'verified'")) ?? -1
    }

    @Test func `a server that dies changes no state, and the run says that nobody answers`() async throws {
        try await withMany(20) { process, server, _ in
            server.process.signal(SIGKILL)
            for _ in 1...3 {
                let result = try await process.look()
                #expect(
                    result.status == 2 && result.standardOutput.contains("20 of 20 looks got no answer"),
                    "\(result)"
                )
            }
            #expect(try await verified(process) == 20)
            #expect(try await process.text("SELECT max(misses) FROM cygni.domains") == "0")
        }
    }

    @Test func `a server that dies in the middle of a run changes no state`() async throws {
        try await withMany(400) { process, server, _ in
            try await process.pass()
            try process.write(
                stubs: [Self.zone: [server.address]],
                resolver: "window: 10",
                settings: "pace: {per_provider: 100}"
            )
            let child = try process.start()
            try await Task.sleep(for: .milliseconds(700))
            server.process.signal(SIGKILL)
            let result = try await child.result(timeLimit: .seconds(120))
            #expect([0, 2].contains(result.status), "\(result)")
            let unknown = try await process.text(
                "SELECT count(*) FROM cygni.domain_checks WHERE reason IN ('timeout', 'server_failure', 'provider_down')"
            )
            #expect(unknown != "0")
            #expect(try await verified(process) == 400)
        }
    }

    @Test func `a run that would take too many out of service writes nothing, names the provider and ends with 2`()
        async throws
    {
        try await withMany(20) { process, server, proofs in
            try await server.serve(Self.zone, serial: 3, "")
            try await process.look()
            #expect(try await process.text("SELECT min(misses) FROM cygni.domains") == "1")
            try await process.pass()
            let before = try await process.text(
                "SELECT md5(string_agg(d::text, '' ORDER BY id)) FROM cygni.domains AS d"
            )
            let checks = try await process.text("SELECT count(*) FROM cygni.domain_checks")
            let stopped = try await process.run()
            #expect(stopped.status == 2, "\(stopped)")
            #expect(
                stopped.standardOutput.contains(
                    "nothing was written: 20 of the 20 domains in service that example.com serves would leave it"
                )
            )
            #expect(stopped.standardOutput.contains("--allow-flips 20"))
            #expect(
                try await process.text("SELECT md5(string_agg(d::text, '' ORDER BY id)) FROM cygni.domains AS d")
                    == before
            )
            #expect(try await process.text("SELECT count(*) FROM cygni.domain_checks") == checks)
            let dry = try await process.run(["--dry-run"])
            #expect(dry.status == 0 && dry.standardOutput.contains("hold"), "\(dry)")

            // The zone is back: nothing happened. Or it is meant.
            try await server.serve(Self.zone, serial: 4, proofs)
            #expect(try await process.look().status == 0)
            #expect(try await verified(process) == 20)
            #expect(try await process.text("SELECT max(misses) FROM cygni.domains") == "0")
            try await server.serve(Self.zone, serial: 5, "")
            try await process.look()
            #expect(try await process.look(["--allow-flips", "20"]).status == 0)
            #expect(try await process.text("SELECT count(*) FROM cygni.domains WHERE state = 'failing'") == "20")
        }
    }

    @Test func `a zone that changes hands voids the proof, and a new token is asked for`() async throws {
        try await withMany(1) { process, server, proofs in
            let old = try await process.text("SELECT verification_token FROM cygni.domains")
            try await process.owner("UPDATE cygni.domains SET zone = replace(zone, 'ns.', 'ns.old-')")
            try await process.look()
            #expect(try await process.states() == ["n0.many.example.com t1 failing proof_void 0"])
            let fresh = try await process.text("SELECT verification_token FROM cygni.domains")
            #expect(fresh != old)
            let fix = try await process.text("SELECT fix FROM cygni.domain_checks ORDER BY id DESC LIMIT 1")
            #expect(fix.hasPrefix("the zone has changed hands") && fix.contains(fresh))
            // The old record, which the zone's new owner may have copied, is no proof.
            try await process.look()
            #expect(try await process.states() == ["n0.many.example.com t1 failing proof_void 1"])
            try await server.serve(Self.zone, serial: 3, proofs.replacing(old, with: fresh))
            try await process.look()
            #expect(try await process.states() == ["n0.many.example.com t1 verified ok 0"])
        }
    }

    @Test(arguments: [SignedZone.Spoiling.expired, .altered])
    func `signatures that are wrong change nothing, and are told`(spoiling: SignedZone.Spoiling) async throws {
        let zone = try await SignedZone(
            "signed.example",
            "www IN A 192.0.2.1\n_cygni-challenge.www IN TXT \"x 192.0.2.1\"",
            spoiling
        )
        let server = try await NameServer(signed: [zone.name: zone.records])
        try await withDatabase(.migrated) { database in
            let process = try VerifyProcess(database, stubs: [zone.name: [server.address]], anchors: [zone.anchor])
            try await process.seed()
            try await process.claim(
                "www.signed.example",
                more: "UPDATE cygni.domains SET state = 'verified', reason = 'ok'"
            )
            for _ in 1...3 {
                let result = try await process.look()
                #expect(result.status == 0, "\(result)")
            }
            #expect(try await process.states() == ["www.signed.example t1 verified ok 0"])
            #expect(
                try await process.text("SELECT string_agg(DISTINCT reason, ' ') FROM cygni.domain_checks") == "bogus"
            )
            let concern = try await process.text(
                "SELECT found -> 'concerns' -> 0 ->> 'code' FROM cygni.domain_checks LIMIT 1"
            )
            #expect(concern == "dnssec_bogus")
        }
    }

    @Test func `name servers that disagree, know nothing or are silent are named, and take no proof away`() async throws
    {
        let old = try await NameServer([Self.zone: "www IN A 192.0.2.1"])
        let lame = try await NameServer(["other.example.com": ""])
        let silent = try OneTimePort()
        let server = try await NameServer([Self.zone: "www IN A 192.0.2.1"])
        try await withDatabase(.migrated) { database in
            let process = try VerifyProcess(database, stubs: [Self.zone: [server.address]])
            try await process.seed()
            let token = try await process.claim("www.\(Self.zone)")
            try await server.serve(Self.zone, serial: 2, "_cygni-challenge.www IN TXT \"\(token)\"\nwww IN A 192.0.2.1")
            try await process.look()
            #expect(try await process.states() == ["www.many.example.com t1 verified ok 0"])
            let all = [old.address, server.address, lame.address, "127.0.0.1@\(silent.number)"]
            try process.write(stubs: [Self.zone: all])
            for _ in 1...5 { try await process.look(after: "8 days") }
            #expect(try await process.states() == ["www.many.example.com t1 verified ok 0"])
            let explained = try await process.run(["--explain", "www.\(Self.zone)"])
            #expect(explained.status == 0)
            for words in ["proof yes", "proof no", "lame", "silent", "servers_disagree: not served by \(old.address)"] {
                #expect(explained.standardOutput.contains(words), "\(words): \(explained)")
            }
        }
    }
}
