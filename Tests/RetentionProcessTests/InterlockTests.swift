import CygniPostgres
import CygniTestSupport
import Testing

/// What the role of the jobs cannot do, whatever it asks.
struct InterlockTests {
    @Test(arguments: [
        "DELETE FROM cygni.log_lines", "TRUNCATE cygni.log_lines", "DROP TABLE cygni.log_lines_p20260301",
        "DELETE FROM cygni.log_lines_p20260301_default", "TRUNCATE cygni.log_lines_p20260301_default",
        "UPDATE cygni.log_lines SET ts = now()", "DELETE FROM cygni.metric_samples",
        "ALTER TABLE cygni.log_lines DETACH PARTITION cygni.log_lines_p20260301",
        "UPDATE cygni.retention_guards SET needs_archive = false", "UPDATE cygni.legal_holds SET released_at = now()",
        "DELETE FROM cygni.legal_holds", "UPDATE cygni.quarantined_partitions SET drop_after = now()",
        "DELETE FROM cygni.purges", "SELECT cygni_private.note_moved('cygni.log_lines', 'x', now(), now())",
        "SELECT cygni_private.lock_for_detach('cygni.log_lines', 'cygni.log_lines')",
        "DROP TABLE cygni_quarantine.x", "CREATE TABLE cygni_quarantine.x ()",
    ])
    func `has no way round the functions`(sql: String) async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database)
            try await process.seedLogs(days: 1...1)
            let error = await #expect(throws: PostgresError.self) { try await process.jobs(sql) }
            #expect(["42501", "42P01"].contains(error?.sqlState), "\(String(describing: error))")
        }
    }

    private static let leaf = "cygni.log_lines_p20260301_default"

    @Test(arguments: [
        "SELECT cygni.retention_detach('\(leaf)', gen_random_uuid(), '0', '{}')",
        "SELECT cygni.retention_copy('\(leaf)', ARRAY[md5('t1')::uuid], false)",
        "SELECT cygni.retention_delete('\(leaf)', NULL, gen_random_uuid(), '{}', ARRAY[md5('t1')::uuid], false, 0, 1000)",
    ])
    func `demands a receipt and no hold`(sql: String) async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database)
            try await process.seedLogs(days: 1...1)
            let unarchived = await #expect(throws: PostgresError.self) { try await process.jobs(sql) }
            #expect(unarchived?.sqlState == "CY001", "\(String(describing: unarchived))")
            try await process.archive()
            try await process.jobs("SELECT cygni.place_hold('user:anna', 'case 7', md5('t1')::uuid)")
            let held = await #expect(throws: PostgresError.self) { try await process.jobs(sql) }
            #expect(
                held?.sqlState == "CY001" && held?.serverMessage.contains("case 7") == true,
                "\(String(describing: held))"
            )
            let same = await #expect(throws: PostgresError.self) {
                try await process.jobs("SELECT cygni.release_hold(id, 'user:anna') FROM cygni.legal_holds")
            }
            #expect(same?.sqlState == "42501")
            try await process.jobs("SELECT cygni.release_hold(id, 'user:bert') FROM cygni.legal_holds")
            try await process.jobs(sql)
        }
    }

    @Test func `a hold that is set while the purge waits keeps the day`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database)
            try await process.seedLogs(days: 1...1)
            try await process.archive()
            let reader = try await database.connect(role: "cygni_owner")
            try await reader.access { try $0.script("BEGIN; SELECT count(*) FROM cygni.log_lines", name: "read") }
            let purge = try process.start()
            try await Task.sleep(for: .seconds(1))
            try await process.jobs("SELECT cygni.place_hold('user:anna', 'case 8')")
            try await reader.access { try $0.script("COMMIT", name: "end") }
            let result = try await purge.result(timeLimit: .seconds(60))
            #expect(result.status == 1 && result.standardOutput.contains("case 8"), "\(result)")
            #expect(try await process.lines() == 400)
        }
    }

    @Test func `a hold keeps what is in quarantine, an expired one does not`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database)
            try await process.seedLogs(days: 1...1)
            try await process.archive()
            #expect(try await process.run().status == 0)
            try await process.waitOut()
            try await process.owner("INSERT INTO cygni.legal_holds (reason, source) VALUES ('case 9', 'log_lines')")
            #expect(try await process.run(["--dry-run"]).standardOutput.contains("case 9"))
            #expect(try await process.run().status == 0)
            #expect(try await process.books() == "0/0/1")
            try await process.owner("UPDATE cygni.legal_holds SET expires_at = now()")
            #expect(try await process.run().status == 0)
            #expect(try await process.books() == "1/400/0")
        }
    }

    @Test func `a held tenant stays, the others go`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database)
            try await process.seedLogs()
            try await process.archive()
            try await process.owner(
                "INSERT INTO cygni.legal_holds (reason, tenant_id) VALUES ('case 10', md5('t4')::uuid)"
            )
            #expect(try await process.run().status == 0)
            #expect(
                try await process.text("SELECT count(*) || ' ' || count(DISTINCT tenant_id) FROM cygni.log_lines")
                    == "300 1"
            )
            try await process.waitOut()
            let end = try await process.run()
            #expect(end.status == 0, "\(end)")
            #expect(try await process.books() == "3/900/0")
        }
    }

    @Test func `a hold that is set while the purge runs keeps objects, and they stay readable`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(
                database,
                settings:
                    "policies: {log_lines: {keep: 30d}}\narchives: {log_lines: 60d}\nquarantine: 1m\nbrake: {percent: 100}"
            )
            try await process.seedLogs(days: 1...1)
            try await process.archive()
            #expect(try await process.run().status == 0)
            try await process.waitOut()
            #expect(try await process.run().status == 0)
            let holder = try await database.connect(role: "cygni_owner")
            try await holder.access { session in
                try session.script(
                    "BEGIN; INSERT INTO cygni.legal_holds (reason, source) VALUES ('case 11', 'log_lines')",
                    name: "hold"
                )
            }
            let purge = try process.start()
            try await Task.sleep(for: .seconds(1))
            try await holder.access { try $0.script("COMMIT", name: "hold") }
            let result = try await purge.result(timeLimit: .seconds(60))
            #expect(result.status == 1 && result.standardOutput.contains("case 11"), "\(result)")
            #expect(try await process.text("SELECT count(*) FROM cygni.archives WHERE purging_at IS NULL") == "1")
            #expect(
                try await process.tool(["archive", "get", "--source", "log_lines"]).standardOutput.contains("line 0")
            )
        }
    }
}
