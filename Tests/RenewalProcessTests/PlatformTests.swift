import CygniTestSupport
import Foundation
import Testing

/// The platform's own wishes: verified domains are covered, removed ones are let go, tenants take turns.
@Suite struct PlatformTests {
    private func seed(_ process: RenewProcess) async throws {
        try await process.owner(
            """
            INSERT INTO cygni.tenants (id, slug) SELECT md5('t' || i)::uuid, 't' || i FROM generate_series(1, 3) AS i;
            INSERT INTO cygni.projects (id, tenant_id, slug) SELECT md5('p' || i)::uuid, md5('t' || i)::uuid, 'p' FROM generate_series(1, 3) AS i;
            """
        )
    }

    private func domain(_ process: RenewProcess, _ name: String, tenant: Int, state: String = "verified") async throws {
        try await process.owner(
            """
            INSERT INTO cygni.domains (tenant_id, project_id, name, state, verified_at)
            VALUES (md5('t\(tenant)')::uuid, md5('p\(tenant)')::uuid, '\(name)', '\(state)', now())
            """
        )
    }

    @Test func `a verified domain gets one, a removed one gets none any more`() async throws {
        try await withRenewal { process in
            try await seed(process)
            try await domain(process, "a.example.test", tenant: 1)
            try await domain(process, "b.example.test", tenant: 2, state: "pending")
            let dry = try await process.run(["--dry-run"])
            #expect(dry.standardOutput.contains("a.example.test") && !dry.standardOutput.contains("b.example.test"))
            #expect(try await process.text("SELECT count(*) FROM cygni.certificates") == "0")
            #expect(try await process.run().status == 0)
            #expect(try await process.states() == ["a.example.test deployed ok 0"])
            let trail = try await process.text(
                "SELECT string_agg(action || ' ' || subject, ',' ORDER BY id) FROM cygni.audit_log WHERE tenant_id IS NOT NULL"
            )
            #expect(trail == "certificate.issued a.example.test")
            #expect(try await process.run().status == 0)
            #expect(process.pebble.issued == 1)

            try await process.owner("UPDATE cygni.domains SET state = 'removed' WHERE name = 'a.example.test'")
            try await process.due()
            let gone = try await process.run()
            #expect(gone.status == 0 && process.pebble.issued == 1, "\(gone)")
            #expect(try await process.states() == ["a.example.test retired removed 0"])
            // Claimed and verified anew, it is covered anew.
            try await domain(process, "a.example.test", tenant: 3)
            #expect(try await process.run().status == 0)
            #expect(process.pebble.issued == 2)
        }
    }

    @Test func `two hosts that cover the same domains make one certificate each`() async throws {
        try await withRenewal { process in
            try await seed(process)
            for index in 0..<10 { try await domain(process, "n\(index).example.test", tenant: 1 + index % 3) }
            try process.write(more: "cover_domains: true\nchallenges: [dns-01]")
            let runs = try (0..<2).map { try process.start(host: "host-\($0)") }
            for run in runs { _ = try await run.result(timeLimit: .seconds(60)) }
            #expect(try await process.text("SELECT count(*) FROM cygni.certificates") == "10")
        }
    }

    @Test func `tenants take turns, and a limit holds`() async throws {
        try await withRenewal(more: "cover_domains: false") { process in
            try await seed(process)
            try process.write(more: "cover_domains: false\npace: {concurrency: 1}")
            try await process.owner(
                """
                INSERT INTO cygni.certificates (tenant_id, domain_names)
                SELECT md5('t1')::uuid, ARRAY['big' || i || '.example.test'] FROM generate_series(1, 20) AS i;
                INSERT INTO cygni.certificates (tenant_id, domain_names) VALUES
                    (md5('t2')::uuid, ARRAY['small.example.test']), (md5('t3')::uuid, ARRAY['other.example.test']);
                """
            )
            let result = try await process.run(["--limit", "3"])
            #expect(result.status == 0 && process.pebble.issued == 3, "\(result)")
            let got = try await process.text(
                "SELECT string_agg(DISTINCT t.slug, ',' ORDER BY t.slug) FROM cygni.certificates AS c JOIN cygni.tenants AS t ON t.id = c.tenant_id WHERE fingerprint IS NOT NULL"
            )
            #expect(got == "t1,t2,t3")
            let none = try await process.run(["--budget", "1ms"])
            #expect(none.status == 0 && none.standardOutput.contains("left_by_budget"), "\(none)")
            #expect(process.pebble.issued < 10)
        }
    }

    @Test func `a plan tells when a limit would bite, and what shorter lifetimes mean`() async throws {
        try await withScriptedCA(authority: ", registered_domain: 3 per 7d") { process, ca in
            try await process.want((1...5).map { "n\($0).example.test" })
            let plan = try await process.run(["plan"])
            #expect(plan.status == 0, "\(plan)")
            #expect(
                plan.standardOutput.contains("the limit registered:example.test of scripted, 3 per 7d, would bite at")
            )
            #expect(plan.standardOutput.contains("it has none yet"))
            #expect(try await ca.asked("/").isEmpty)
            // All in one go under one name's domain: three now, the others wait.
            let run = try await process.run()
            #expect(run.status == 0 && run.standardOutput.contains("held_quota"), "\(run)")
            #expect(
                try await process.text("SELECT count(*) FROM cygni.certificates WHERE fingerprint IS NOT NULL") == "3"
            )
            let waiting = try await process.run(["plan", "--output", "json"])
            #expect(waiting.standardOutput.contains(#""why":"quota""#), "\(waiting)")
            let six = try await process.run(["plan", "--what-if", "lifetime=6d"])
            #expect(
                six.standardOutput.contains("if each lasted 6d") && six.standardOutput.contains("simulated"),
                "\(six)"
            )
            #expect(try await process.run(["plan", "--what-if", "moon=full"]).status == 64)
        }
    }

    @Test func `profiles are asked for where the CA has them`() async throws {
        try await withScriptedCA(authority: ", profile: shortlived") { process, ca in
            try await process.want(["a.example.test"])
            #expect(try await process.run().status == 0)
            #expect(try await ca.asked("/newOrder").first?["profile"] == nil)
            try await ca.tell(#"{"profiles": {"shortlived": "six days"}, "lifetime": 518400}"#)
            #expect(try await process.run(["--only", "a.example.test"]).status == 0)
            #expect(try await ca.asked("/newOrder").last?["profile"] as? String == "shortlived")
            let show = try await process.run(["show", "a.example.test"])
            #expect(show.status == 0 && show.standardOutput.contains("authority: scripted"), "\(show)")
            #expect(try await process.run(["show", "nothing.example.test"]).status == 1)
        }
    }
}
