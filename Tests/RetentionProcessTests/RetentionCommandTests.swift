import CygniPostgres
import CygniTestSupport
import Testing

/// `cygni retention`: explain, undo, hold, evidence.
struct RetentionCommandTests {
    @Test func `explains a table, a tenant and a row by the facts that the purge goes by`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(
                database,
                settings:
                    "policies: {log_lines: {keep: 30d, tenants: {t3: 400d}}, job_runs: {keep: 90d, time_column: finished_at, tenant_column: null}}"
            )
            try await process.seedLogs(days: 1...1)
            let table = try await process.tool(["retention", "explain", "log_lines"])
            #expect(table.status == 0, "\(table)")
            #expect(table.standardOutput.contains("kept 30d, tenant t3 400d, nobody less than 1d"))
            #expect(table.standardOutput.contains("have no archive"))
            let tenant = try await process.tool(["retention", "explain", "--tenant", "t3"])
            #expect(tenant.standardOutput.contains("kept 400d, the exception of tenant t3"), "\(tenant)")
            let run = try await process.text("SELECT id FROM cygni.job_runs LIMIT 1")
            #expect(run.isEmpty)
            try await process.archive()
            let id = try await process.text("SELECT id FROM cygni.job_runs LIMIT 1")
            let row = try await process.tool(["retention", "explain", "--row", id, "--output", "json"])
            #expect(row.standardOutput.contains(#""state":"not yet due""#), "\(row)")
            #expect(try await process.tool(["retention", "explain", "--row", "nobody"]).status == 1)
            #expect(try await process.tool(["retention", "explain", "nothing"]).status == 1)
            let archive = try await process.text("SELECT id FROM cygni.archives LIMIT 1")
            let stays = try await process.tool(["retention", "explain", "--row", archive])
            #expect(stays.standardOutput.contains("it stays"), "\(stays)")
        }
    }

    @Test func `tells what became of rows that are gone`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database)
            try await process.seedLogs(days: 1...1)
            try await process.archive()
            #expect(try await process.run().status == 0)
            let question = ["retention", "explain", "--row", "log_lines@2026-03-01T06:00:00Z", "--tenant", "t1"]
            let away = try await process.tool(question)
            #expect(away.standardOutput.contains("is in quarantine until"), "\(away)")
            try await process.waitOut()
            #expect(try await process.run().status == 0)
            let gone = try await process.tool(question)
            #expect(gone.standardOutput.contains("went at"), "\(gone)")
            #expect(gone.standardOutput.contains("archived in archives/log_lines/2026/03/01/"), "\(gone)")
        }
    }

    @Test func `puts a partition back, and holds it`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database)
            try await process.seedLogs(days: 1...2)
            try await process.archive()
            #expect(try await process.run().status == 0)
            #expect(try await process.lines() == 0)
            let shown = try await process.tool(["retention", "undo", "log_lines", "--dry-run"])
            #expect(shown.standardOutput.contains("log_lines_p20260302_default"), "\(shown)")
            #expect(try await process.lines() == 0)
            let name = "log_lines_p20260301_default"
            let back = try await process.tool(["retention", "undo", name, "--hold", "ticket 88"])
            #expect(back.status == 0, "\(back)")
            #expect(try await process.lines() == 400)
            #expect(try await process.tool(["retention", "undo", name]).status == 1)
            try await process.archive()
            #expect(try await process.run().status == 0)
            #expect(try await process.lines() == 400)
            try await process.waitOut()
            #expect(try await process.run().status == 0)
            #expect(try await process.tool(["retention", "undo", "log_lines_p20260302_default"]).status == 1)
        }
    }

    @Test func `what stayed of a partition is told apart from what of it is in quarantine`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(
                database,
                settings: "policies: {log_lines: {keep: 30d, tenants: {t3: 4000d}}}\nbrake: {percent: 100}"
            )
            try await process.seedLogs(days: 1...1)
            try await process.archive()
            #expect(try await process.run().status == 0)
            try process.write(settings: "policies: {log_lines: {keep: 4000d}}")
            let table = try await process.tool(["retention", "explain", "log_lines"])
            let states = table.standardOutput.split(separator: "\n").filter {
                $0.hasPrefix("log_lines_p20260301_default")
            }
            #expect(states.count == 2 && states[0].contains("not yet due"), "\(table)")
            #expect(states.last?.contains("in quarantine") == true)
        }
    }

    @Test func `a hold is released by somebody else than who set it`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database)
            try await process.seedLogs(days: 1...1)
            #expect(try await process.tool(["retention", "hold", "add", "--why", "everything?"]).status == 64)
            let set = try await process.tool(
                ["retention", "hold", "add", "--tenant", "t1", "--why", "case 1", "--output", "json"],
                user: "anna"
            )
            let id = try #require(set.standardOutput.firstMatch(of: /"id":"([^"]+)"/)?.1, "\(set)")
            #expect(try await process.tool(["retention", "hold", "release", String(id)], user: "anna").status == 1)
            #expect(try await process.tool(["retention", "hold", "list"]).standardOutput.contains("case 1"))
            #expect(try await process.tool(["retention", "hold", "release", String(id)], user: "bert").status == 0)
            #expect(try await process.tool(["retention", "hold", "list"]).standardOutput.contains("nothing is held"))
            #expect(
                try await process.text("SELECT string_agg(action, ' ' ORDER BY id) FROM cygni.audit_log")
                    == "hold.placed hold.released"
            )
        }
    }

    @Test func `evidence is verified without a database, and tampering is found`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database)
            try await process.seedLogs()
            try await process.archive()
            #expect(try await process.run().status == 0)
            try await process.waitOut()
            #expect(try await process.run().status == 0)
            let folder = process.folder.file("q1")
            let evidence = try await process.tool([
                "retention", "evidence", "--from", "2026-01-01", "--to", "2100-01-01", "--folder", folder,
            ])
            #expect(evidence.status == 0, "\(evidence)")
            let page = try process.folder.read("q1/evidence.html")
            #expect(page.contains("log_lines_p20260303_default") && page.contains("<td class=\"n\">1,200</td>"))
            let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
            let script = "/\(root)/docs/verify-evidence.py"
            let python = BuiltExecutable(path: "/usr/bin/env")
            let good = try await python.run(["python3", script, "\(folder)/evidence.json"])
            #expect(good.status == 0 && good.standardOutput.contains("in order"), "\(good)")
            let text = try process.folder.read("q1/evidence.json")
            for (old, new) in [
                (#"\"rows\": 400"#, #"\"rows\": 401"#), (#""rows":1200"#, #""rows":1201"#),
                (#""actor":"job:retention-purge""#, #""actor":"job:retention-purgf""#),
            ] {
                #expect(text.contains(old))
                try process.folder.write(text.replacing(old, with: new, maxReplacements: 1), to: "bad.json")
                let bad = try await python.run(["python3", script, process.folder.file("bad.json")])
                #expect(bad.status == 1, "\(old): \(bad)")
            }
        }
    }

    @Test func `a hold names something that there is`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(
                database,
                settings: "policies: {events: {table: public.events, keep: 30d}}"
            )
            try await process.seedLogs(days: 1...1)
            let mistyped = try await process.tool(["retention", "hold", "add", "--source", "log_line", "--why", "case"])
            #expect(mistyped.status == 1 && mistyped.standardError.contains("log_line"), "\(mistyped)")
            #expect(try await process.text("SELECT count(*) FROM cygni.legal_holds") == "0")
            for source in ["log_lines", "log_lines_p20260301", "log_lines_p20260301_default", "metrics_1h", "events"] {
                let result = try await process.tool(["retention", "hold", "add", "--source", source, "--why", "case"])
                #expect(result.status == 0, "\(result)")
            }
        }
    }
}
