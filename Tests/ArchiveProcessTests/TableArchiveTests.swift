import CygniPostgres
import CygniTestSupport
import Foundation
import Testing

struct TableArchiveTests {
    @Test func `a closed day becomes one object that zstdcat and jq read, ordered by tenant and time`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try ArchiveProcess(database)
            try await process.seed()
            let first = try await process.run()
            #expect(first.status == 0, "\(first)")
            #expect(try await process.receipts() == "600/1/1")
            let objects = process.objects()
            #expect(objects.count == 1)
            let lines = try await process.lines(objects[0])
            #expect(lines.count == 600)
            let jq = try await BuiltExecutable(path: "/usr/bin/jq").run(
                ["-r", ".tenant_id + .ts"],
                input: lines.joined(separator: "\n")
            )
            #expect(jq.status == 0, "\(jq.standardError)")
            let keys = jq.standardOutput.split(separator: "\n").map(String.init)
            #expect(keys.count == 600)
            #expect(keys == keys.sorted())
            let sum = try await BuiltExecutable(path: "/usr/bin/sha256sum").run([objects[0]])
            let sha256 = try await process.text("SELECT sha256 AS value FROM cygni.archives")
            #expect(sum.standardOutput.hasPrefix(sha256))
            #expect(try await process.text("SELECT source AS value FROM cygni.archives") == "log_lines_p20260305")
            #expect(
                try await process.text(
                    "SELECT count(*)::text AS value FROM cygni.audit_log WHERE action = 'archive.verified'"
                ) == "1"
            )
            let again = try await process.run(["--output", "json"])
            #expect(again.standardOutput.contains("\"items\":[]"), "\(again)")
            #expect(try await process.text("SELECT count(*)::text AS value FROM cygni.log_lines") == "600")
        }
    }

    @Test func `a dry run tells what, how much and why, and changes nothing`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try ArchiveProcess(database)
            try await process.seed()
            try await process.owner("SELECT cygni.ensure_partitions('log_lines', current_date, current_date)")
            let result = try await process.run(["--dry-run"])
            #expect(result.status == 0, "\(result)")
            for word in [
                "log_lines_p20260305", "closed, no archive", "not closed before", "planned_objects",
                "estimated_rows          600", "estimated_puts", "estimated_stored_bytes",
            ] {
                #expect(result.standardOutput.contains(word), "\(word): \(result)")
            }
            #expect(try await process.receipts() == "0/0/0")
            #expect(!FileManager.default.fileExists(atPath: process.folder.file("objects")))
        }
    }

    @Test func `late rows become numbered supplements; rows that went change nothing`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try ArchiveProcess(database)
            try await process.seed()
            #expect(try await process.run().status == 0)
            let before = try Data(contentsOf: URL(filePath: process.objects()[0]))
            for part in 1...2 {
                try await process.owner(
                    """
                    INSERT INTO cygni.log_lines (ts, tenant_id, project_id, message)
                    SELECT '2026-03-05 12:00+00', md5('t1')::uuid, md5('p1')::uuid, 'late \(part) ' || i FROM generate_series(1, 7) AS i
                    """
                )
                try await settled(process)
                let result = try await process.run()
                #expect(result.status == 0, "\(result)")
                #expect(try await process.receipts() == "\(600 + 7 * part)/\(1 + part)/\(1 + part)")
            }
            let late = process.objects().filter { $0.contains(".s00") }
            #expect(late.count == 2)
            #expect(try await process.lines(late[0]).allSatisfy { $0.contains("late 1") })
            #expect(try await process.lines(late[1]).allSatisfy { $0.contains("late 2") })
            let first = try #require(process.objects().first { !$0.contains(".s00") })
            #expect(try Data(contentsOf: URL(filePath: first)) == before)
            try await process.owner("DELETE FROM cygni.log_lines WHERE message LIKE '%plain%'")
            try await settled(process)
            #expect(try await process.run().status == 0)
            #expect(try await process.receipts() == "614/3/3")
            let after = try await process.run(["--output", "json"])
            #expect(after.standardOutput.contains("\"items\":[]"), "\(after)")
        }
    }

    /// The server's counters come a moment after the commit.
    private func settled(_ process: ArchiveProcess) async throws {
        try await Task.sleep(for: .milliseconds(1200))
    }

    @Test func `a transaction that commits after the archive was written is a supplement, not a loss`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try ArchiveProcess(database)
            try await process.seed()
            let writer = try await database.connect(role: "cygni_owner")
            try await writer.access { session in
                try session.script(
                    "BEGIN; INSERT INTO cygni.log_lines (ts, tenant_id, project_id, message) VALUES ('2026-03-05 01:00+00', md5('t1')::uuid, md5('p1')::uuid, 'slow')",
                    name: "slow"
                )
            }
            #expect(try await process.run().status == 0)
            #expect(try await process.receipts() == "600/1/1")
            try await writer.access { try $0.script("COMMIT", name: "slow") }
            // An idle session keeps its counters for ten seconds; one that ends hands them over.
            await writer.close()
            try await settled(process)
            #expect(try await process.run().status == 0)
            #expect(try await process.receipts() == "601/2/2")
        }
    }

    @Test func `a rewritten table is compared, not archived twice; new rows in it are refused`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try ArchiveProcess(database)
            try await process.seed()
            #expect(try await process.run().status == 0)
            let rewrite =
                "CREATE TABLE c AS TABLE cygni.log_lines; TRUNCATE cygni.log_lines; INSERT INTO cygni.log_lines TABLE c; DROP TABLE c"
            try await database.execute(rewrite)
            try await settled(process)
            let same = try await process.run()
            #expect(same.status == 0, "\(same)")
            #expect(try await process.receipts() == "600/1/1")
            try await database.execute(rewrite)
            try await process.owner(
                "INSERT INTO cygni.log_lines (ts, tenant_id, project_id, message) VALUES ('2026-03-05 01:00+00', md5('t1')::uuid, md5('p1')::uuid, 'new')"
            )
            try await settled(process)
            let new = try await process.run()
            #expect(new.status == 1, "\(new)")
            #expect(new.standardOutput.contains("cannot be told from old ones"), "\(new)")
            #expect(try await process.receipts() == "600/1/1")
        }
    }

    @Test func `any table, any columns, any type comes back as it was`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try ArchiveProcess(
                database,
                settings: "tables: {odd: {table: 'public.\"Odd table\"', time_column: 'the time', tenant_column: null}}"
            )
            try await database.execute(
                """
                CREATE TYPE mood AS ENUM ('good', 'b"ad');
                CREATE TABLE "Odd table" ("the time" timestamptz, "a""b" text, i2 smallint, i4 integer, i8 bigint, b boolean, f8 float8, f4 real,
                    n numeric, d date, t timestamp, iv interval, u uuid, j json, jb jsonb, ba bytea, ia integer[], ta text[], m mood,
                    c char(5), vc varchar(9), inet inet, r int4range, tz timetz, x xml, p point);
                INSERT INTO "Odd table" VALUES
                    ('2026-01-01 00:00:00.000001+00', 'q"\\' || E'\\n', -5, 6, 9007199254740993, true, 0.1, 'NaN', 12345678901234567890.123456789, '2026-02-03', '2026-02-03 04:05:06.7',
                     '1 mon 2 days', gen_random_uuid(), '{ "a" : 1e400 }', '{"b": [1, null]}', '\\xdeadbeef', '{1,NULL,3}', '{"a,b","c\\"d",NULL}', 'b"ad',
                     'ab', 'xyz', '10.0.0.0/8', '[1,5)', '03:04:05+02', '<a>b</a>', '(1,2)'),
                    ('2026-01-01 23:59:59.999999+00', NULL, NULL, NULL, NULL, NULL, 'Infinity', NULL, 'NaN', 'infinity', '-infinity', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
                    ('2026-01-03 00:00+00', 'next day', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
                GRANT SELECT ON "Odd table" TO cygni_jobs; GRANT CREATE ON SCHEMA public TO cygni_owner; GRANT SELECT ON "Odd table" TO cygni_owner
                """
            )
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(try await process.receipts() == "3/2/2")
            let restored = try await process.tool([
                "archive", "restore", "--source", "public.Odd table", "--table", "public.back", "--create",
            ])
            #expect(restored.status == 0, "\(restored)")
            let differing =
                "SELECT string_agg(x.line, ' ') AS value FROM (SELECT whole::text AS line FROM \"Odd table\" AS whole EXCEPT ALL SELECT again::text FROM back AS again) AS x"
            #expect(try await process.text("SELECT count(*)::text AS value FROM back") == "3")
            let difference = try await process.text(differing)
            #expect(difference == "")
        }
    }

    @Test(arguments: [
        ("tables: {nope: {}}", "there is no table"), ("tables: {log_lines: {columns: [nope]}}", "no column 'nope'"),
        ("tables: {log_lines: {time_column: message}}", "a time column is a timestamptz"),
        ("encryption: {recipients: [/nowhere.pem]}", "/nowhere.pem"), ("files: {a: {}}", "files.a.paths"),
        ("files: {a: {paths: [/x], after: move}}", "move_to"), ("tables: {log_lines: {colums: [a]}}", "columns"),
    ])
    func `wrong settings are told and end with 78`(settings: String, word: String) async throws {
        try await withDatabase(.migrated) { database in
            let process = try ArchiveProcess(database, settings: settings)
            try await process.seed(rows: 3)
            let result = try await process.run()
            #expect(
                result.status
                    == (settings.hasPrefix("tables: {log_lines: {columns") || settings.contains("time_column")
                        ? 1 : 78),
                "\(result)"
            )
            #expect((result.standardOutput + result.standardError).contains(word), "\(result)")
            #expect(try await process.receipts() == "0/0/0")
        }
    }

    @Test func `two hosts at once archive each row once`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try ArchiveProcess(database)
            for day in 1...5 { try await process.seed(day: "2026-03-0\(day)", rows: 200) }
            async let first = process.run()
            async let second = process.run()
            let statuses = try await [first.status, second.status].sorted()
            #expect(statuses == [0, 75] || statuses == [0, 0])
            #expect(try await process.receipts() == "1000/5/5")
            #expect(process.objects().count == 5)
        }
    }
}
