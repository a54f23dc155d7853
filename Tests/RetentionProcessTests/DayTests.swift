import CygniPostgres
import CygniTestSupport
import Testing

/// Days of log lines and samples, from their table through quarantine to their end.
struct DayTests {
    @Test func `a day goes when it is archived, through quarantine, with a receipt`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database)
            try await process.seedLogs()
            let early = try await process.run()
            #expect(early.status == 0 && early.standardOutput.contains("kept_for_archive"), "\(early)")
            #expect(try await process.lines() == 1200)
            try await process.archive()
            let first = try await process.run()
            #expect(first.status == 0, "\(first)")
            #expect(try await process.lines() == 0)
            #expect(try await process.books() == "0/0/3")
            #expect(try await process.run().status == 0)
            #expect(try await process.books() == "0/0/3")
            try await process.waitOut()
            #expect(try await process.run().status == 0)
            #expect(try await process.books() == "3/1200/0")
            #expect(
                try await process.text(
                    "SELECT count(*) FROM pg_class WHERE relnamespace = 'cygni_quarantine'::regnamespace AND relkind = 'r'"
                ) == "0"
            )
            #expect(
                try await process.text(
                    "SELECT bool_and(digest ~ '^[0-9a-f]{64}$' AND proof -> 'archives' -> 0 ? 'sha256' AND policy ? 'version') FROM cygni.purges"
                ) == "true"
            )
            #expect(try await process.run().status == 0)
            #expect(try await process.books() == "3/1200/0")
        }
    }

    @Test func `samples go when the roll-up has certified their day, and its buckets stay`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database)
            try await process.owner(
                """
                INSERT INTO cygni.tenants (id, slug) VALUES (md5('t1')::uuid, 't1');
                SELECT cygni.ensure_partitions('metric_samples', '2026-03-01', '2026-03-02');
                INSERT INTO cygni.metric_samples SELECT timestamptz '2026-03-01 00:00+00' + i * interval '1 minute', md5('t1')::uuid, md5('p')::uuid, 'm', i
                FROM generate_series(0, 2879) AS i
                """
            )
            #expect(try await process.run().standardOutput.contains("kept_for_certificate"))
            try await process.rollUp()
            #expect(try await process.run().status == 0)
            #expect(try await process.text("SELECT count(*) FROM cygni.metric_samples") == "0")
            try await process.waitOut()
            #expect(try await process.run().status == 0)
            #expect(try await process.books() == "2/2880/0")
            #expect(try await process.text("SELECT sum(count) FROM cygni.metrics_1h") == "2880")
            try await process.rollUp()
            #expect(try await process.text("SELECT sum(count) FROM cygni.metrics_1h") == "2880")
        }
    }

    @Test(arguments: [true, false])
    func `what was taken out can be put back, and is archived once`(isRewritten: Bool) async throws {
        try await withDatabase(.migrated) { database in
            let exception = isRewritten ? ", tenants: {t2: 3650d}" : ""
            let process = try RetentionProcess(
                database,
                settings: "policies: {log_lines: {keep: 30d\(exception)}}\nquarantine: 1m\nbrake: {percent: 100}"
            )
            try await process.seedLogs()
            let digest = "SELECT md5(string_agg(l::text, ',' ORDER BY l::text)) FROM cygni.log_lines AS l"
            let before = try await process.text(digest)
            try await process.archive()
            #expect(try await process.run().status == 0)
            #expect(try await process.lines() == (isRewritten ? 300 : 0))
            try await process.archive()
            try await process.jobs("SELECT cygni.retention_restore(id, 'user:anna') FROM cygni.quarantined_partitions")
            #expect(try await process.text(digest) == before)
            try await process.archive()
            try await process.archive()
            #expect(try await process.text("SELECT count(*) || '/' || sum(rows) FROM cygni.archives") == "3/1200")
            let again = try await process.run()
            #expect(again.status == 0, "\(again)")
            try await process.waitOut()
            let end = try await process.run()
            #expect(end.status == 0, "\(end)")
            #expect(try await process.books() == (isRewritten ? "3/900/0" : "3/1200/0"))
        }
    }

    @Test func `a minority is deleted in batches, and a later end of the day takes the rest`() async throws {
        // A server of its own: what other databases have under way when a day is archived keeps its rows from being deleted.
        let cluster = try await TestCluster.start()
        let database = try await cluster.makeDatabase(.migrated)
        let process = try RetentionProcess(
            database,
            settings:
                "policies: {log_lines: {keep: 3650d, tenants: {t3: 30d}}}\nbrake: {percent: 100}\nquarantine: 1m"
        )
        try await process.seedLogs(rowsPerDay: 4000)
        try await process.archive()
        let result = try await process.run()
        #expect(result.status == 0, "\(result)")
        #expect(try await process.lines() == 9000, "\(result)")
        #expect(
            try await process.text("SELECT count(*) FROM cygni.log_lines WHERE tenant_id = md5('t3')::uuid") == "0"
        )
        #expect(try await process.books() == "3/3000/0")
        try await process.archive()
        #expect(try await process.text("SELECT count(*) || '/' || sum(rows) FROM cygni.archives") == "3/12000")
        try process.write(settings: RetentionProcess.plain)
        #expect(try await process.run().status == 0)
        #expect(try await process.lines() == 0)
    }

    @Test func `late lines keep a day until they are archived too`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database)
            try await process.seedLogs(days: 1...1)
            try await process.archive()
            try await process.owner(
                "INSERT INTO cygni.log_lines (ts, tenant_id, project_id, message) SELECT '2026-03-01 12:00+00', md5('t1')::uuid, md5('p')::uuid, 'late'"
            )
            #expect(try await process.run().status == 0)
            #expect(try await process.lines() == 401)
            try await process.archive()
            #expect(try await process.run().status == 0)
            #expect(try await process.lines() == 0)
            try await process.waitOut()
            #expect(try await process.run().status == 0)
            #expect(try await process.books() == "1/401/0")
        }
    }

    @Test func `classes have partitions of their own from tomorrow on`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(
                database,
                settings: "policies: {log_lines: {keep: 30d, classes: {free: 7d}}}"
            )
            #expect(try await process.run().status == 0)
            try await process.owner(
                """
                INSERT INTO cygni.tenants (id, slug, plan) VALUES (md5('f')::uuid, 'f', 'free'), (md5('o')::uuid, 'o', 'other');
                SELECT cygni.ensure_partitions('log_lines', '2027-01-01', '2027-01-01');
                INSERT INTO cygni.log_lines (ts, tenant_id, project_id, retention_class)
                SELECT '2027-01-01 06:00+00', id, id, cygni.retention_class(id) FROM cygni.tenants
                """
            )
            #expect(
                try await process.text(
                    "SELECT string_agg(tableoid::regclass::text, ' ' ORDER BY 1) FROM cygni.log_lines".replacing(
                        "ORDER BY 1",
                        with: "ORDER BY tableoid::regclass::text"
                    )
                ) == "cygni.log_lines_p20270101_default cygni.log_lines_p20270101_free"
            )
        }
    }

    @Test func `rows of a class that is kept for longer keep the day on which the class was made`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(
                database,
                settings: "policies: {log_lines: {keep: 30d, classes: {enterprise: 4000d}}}\nbrake: {percent: 100}"
            )
            try await process.seedLogs(days: 1...2)
            try await process.owner(
                "INSERT INTO cygni.log_lines (ts, tenant_id, project_id, retention_class) VALUES ('2026-03-01 06:00+00', md5('t1')::uuid, md5('p')::uuid, 'enterprise')"
            )
            try await process.archive()
            #expect(try await process.run().status == 0)
            #expect(try await process.lines() == 401)
        }
    }

    @Test func `a copy that a killed run left behind goes, also when its policy has changed`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(
                database,
                settings: "policies: {log_lines: {keep: 30d, tenants: {t3: 4000d}}}\nbrake: {percent: 100}"
            )
            try await process.seedLogs(days: 1...1)
            try await process.archive()
            #expect(try await process.run(crashAt: "purge.copied").exit == .signal(9))
            try process.write(settings: "policies: {log_lines: {keep: 4000d}}")
            #expect(try await process.run().status == 0)
            #expect(
                try await process.text(
                    "SELECT count(*) FROM pg_class WHERE relnamespace = 'cygni_quarantine'::regnamespace AND relkind = 'r'"
                )
                    == "0"
            )
            #expect(try await process.lines() == 400)
        }
    }
}
