import CygniTestSupport
import Testing

/// Runs that are killed anywhere, and hosts that share the work.
@Suite struct CrashTests {
    private static let zone = "many.example.com"

    private func withMany(_ count: Int, _ body: (VerifyProcess) async throws -> Void) async throws {
        let server = try await NameServer([Self.zone: ""])
        try await withDatabase(.migrated) { database in
            let process = try VerifyProcess(
                database,
                stubs: [Self.zone: [server.address]],
                settings: "pace: {per_provider: 0}"
            )
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
            try await body(process)
        }
    }

    /// `domains in each state | looks a domain | entries in the audit trail | claims that stand`.
    private func endState(_ process: VerifyProcess) async throws -> String {
        try await process.text(
            """
            SELECT concat_ws(' | ',
                (SELECT string_agg(state || ' ' || n, ', ' ORDER BY state) FROM (SELECT state, count(*) AS n FROM cygni.domains GROUP BY state) AS s),
                (SELECT string_agg(DISTINCT n::text, ', ') FROM (SELECT count(*) AS n FROM cygni.domain_checks GROUP BY domain_id) AS c),
                (SELECT count(*) FROM cygni.audit_log WHERE action = 'domain.verified'),
                (SELECT count(*) FROM cygni.domains WHERE claimed_by IS NOT NULL))
            """
        )
    }

    @Test(arguments: [
        "planned", "dns.claimed", "dns.claimed:2", "dns.looked", "dns.settling", "dns.settling:2", "dns.settled",
        "dns.settled:3",
        "applied",
    ])
    func `killed anywhere, the next run does the rest and nothing twice`(point: String) async throws {
        try await withMany(1200) { process in
            let killed = try await process.run(crashAt: point)
            #expect(killed.status == 137, "\(killed)")
            let next = try await process.run()
            #expect(next.status == 0, "\(next)")
            let state = try await endState(process)
            #expect(state == "verified 1200 | 1 | 1200 | 0")
        }
    }

    @Test func `two hosts share what is due, and look at nothing twice`() async throws {
        try await withMany(20_000) { process in
            let children = try ["web-1", "web-2"].map { try process.start(["--output", "json"], host: $0) }
            for child in children {
                let result = try await child.result(timeLimit: .seconds(300))
                #expect(result.status == 0, "\(result)")
            }
            // On a busy machine an answer may come too late; such a domain was looked at as well.
            let late =
                "state = 'pending' AND id IN (SELECT domain_id FROM cygni.domain_checks WHERE reason IN ('timeout', 'server_failure'))"
            let odd = try await process.text(
                "SELECT string_agg(d::text || ' / ' || c::text, E'\\n') FROM cygni.domains AS d LEFT JOIN cygni.domain_checks AS c ON c.domain_id = d.id WHERE d.state <> 'verified'"
            )
            let lates = Int(try await process.text("SELECT count(*) FROM cygni.domains WHERE \(late)")) ?? .max
            #expect(lates < 20)
            try await process.owner("DELETE FROM cygni.domains WHERE \(late)")
            let (state, rest) = (try await endState(process), 20_000 - lates)
            #expect(state == "verified \(rest) | 1 | \(rest) | 0", "\(odd)")
            let shares = try await process.text(
                "SELECT string_agg(host || (n > 1000)::text, ' ' ORDER BY host) FROM (SELECT host, count(*) AS n FROM cygni.domain_checks JOIN cygni.job_runs ON job_runs.id = run_id GROUP BY host) AS s"
            )
            #expect(shares == "web-1true web-2true")
        }
    }

    @Test func `a second run on the same host is refused, a dry run claims nothing`() async throws {
        try await withMany(20) { process in
            let dry = try await process.run(["--dry-run", "--output", "json"])
            #expect(dry.status == 0 && dry.standardOutput.contains("\"looked_at\":20"), "\(dry)")
            #expect(try await endState(process) == "pending 20 | 0 | 0")
            try process.write(stubs: [Self.zone: ["127.0.0.1@1"]])
            let first = try process.start()
            while try await process.text("SELECT count(*) FROM cygni.job_runs WHERE state = 'running'") != "1" {
                try await Task.sleep(for: .milliseconds(10))
            }
            let second = try await process.run()
            #expect(second.status == 75, "\(second)")
            _ = try await first.result(timeLimit: .seconds(60))
        }
    }
}
