import CygniPostgres
import CygniTestSupport
import Testing

/// Rows of tables, objects, roll-ups, the audit log; the brake and the debt.
struct RowTests {
    private func slots(_ process: RetentionProcess, _ values: String) async throws {
        try await process.owner(
            "INSERT INTO cygni.job_slots (job, slot, schedule, start_by, finish_by) SELECT 'old', at, 'x', at, at FROM (VALUES \(values)) AS v (at)"
        )
    }

    private static let slotPolicy = """
        policies: {job_slots: {keep: 90d, time_column: finish_by, tenant_column: null}}
        brake: {rows_at_least: 5}
        """

    @Test func `many rows go in batches that grow, with one receipt`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database, settings: Self.slotPolicy + "\npace: {on: false}")
            try await process.owner(
                "INSERT INTO cygni.job_slots (job, slot, schedule, start_by, finish_by) SELECT 'old', at, 'x', at, at FROM generate_series(timestamptz '2025-01-01', '2025-01-31', interval '1 minute') AS at; ANALYZE cygni.job_slots"
            )
            let stopped = try await process.run()
            #expect(stopped.status == 1 && stopped.standardOutput.contains("--approve "), "\(stopped)")
            let hash = try #require(stopped.standardOutput.firstMatch(of: /--approve ([0-9a-f]{64})/)?.1)
            let dry = try await process.run(["--dry-run"])
            #expect(dry.standardOutput.contains(hash), "\(dry)")
            #expect(try await process.run(["--approve", String(repeating: "0", count: 64)]).status == 1)
            let done = try await process.run(["--approve", String(hash)])
            #expect(done.status == 0, "\(done)")
            #expect(try await process.books() == "1/43201/0")
            #expect(try await process.text("SELECT count(*) FROM cygni.job_slots WHERE job = 'old'") == "0")
            #expect(try await process.text("SELECT statements BETWEEN 2 AND 22 FROM cygni.purges") == "true")
        }
    }

    @Test(arguments: ["CREATE INDEX ON public.events (ts)", "CREATE INDEX ON public.events (tenant_id, ts)"])
    func `a table of one's own goes along its time's index, or page by page, whatever its times are`(index: String)
        async throws
    {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(
                database,
                settings:
                    "policies: {events: {table: public.events, keep: 30d, tenants: {t1: 4000d}}}\npace: {on: false}\nbrake: {percent: 100}"
            )
            try await process.seedLogs(days: 1...1)
            // Nine thousand rows of one moment, more than a batch; others before and after it.
            try await database.connect().access { session in
                try session.script(
                    """
                    CREATE TABLE public.events (id bigint GENERATED ALWAYS AS IDENTITY, ts timestamptz NOT NULL, tenant_id uuid);
                    INSERT INTO public.events (ts, tenant_id)
                    SELECT timestamptz '2026-03-01 00:00+00' + least(greatest(i - 3000, 0), 1) * interval '1 hour'
                        + greatest(i - 12000, 0) * interval '1 second', md5('t' || (1 + i % 4))::uuid
                    FROM generate_series(1, 20000) AS i;
                    INSERT INTO public.events (ts) SELECT now() FROM generate_series(1, 10);
                    \(index);
                    GRANT SELECT, DELETE ON public.events TO cygni_jobs;
                    ANALYZE public.events
                    """,
                    name: "events"
                )
            }
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(
                try await process.text(
                    "SELECT count(*) || ' ' || count(*) FILTER (WHERE tenant_id = md5('t1')::uuid) FROM public.events"
                ) == "5010 5000"
            )
            #expect(try await process.text("SELECT rows || ' ' || (statements > 1) FROM cygni.purges") == "15000 true")
        }
    }

    @Test func `what was approved is carried out up to the first item that moved`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(
                database,
                settings: "policies: {log_lines: {keep: 30d}}\nbrake: {rows_at_least: 5}"
            )
            try await process.seedLogs()
            try await process.archive()
            let stopped = try await process.run()
            let hash = try #require(stopped.standardOutput.firstMatch(of: /--approve ([0-9a-f]{64})/)?.1, "\(stopped)")
            try await process.owner(
                "INSERT INTO cygni.log_lines (ts, tenant_id, project_id) VALUES ('2026-03-02 12:00+00', md5('t1')::uuid, md5('p')::uuid)"
            )
            try await process.archive()
            let moved = try await process.run(["--approve", String(hash)])
            #expect(
                moved.status == 1 && moved.standardOutput.contains("log_lines_p20260302_default is no longer"),
                "\(moved)"
            )
            #expect(try await process.lines() == 801)
        }
    }

    @Test func `rows under a hold stay, in a table that does not say whose they are`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database, settings: Self.slotPolicy)
            try await slots(process, "(timestamptz '2025-01-01'), ('2025-02-01'), ('2025-03-01')")
            try await process.owner(
                "INSERT INTO cygni.legal_holds (reason, source, starts_at, ends_at) VALUES ('case 1', 'job_slots', '2025-01-15', '2025-02-15')"
            )
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(
                try await process.text(
                    "SELECT string_agg(finish_by::date::text, ' ') FROM cygni.job_slots WHERE job = 'old'"
                ) == "2025-02-01"
            )
        }
    }

    @Test func `objects go after their own time, when their rows are gone too`() async throws {
        try await withDatabase(.migrated) { database in
            let settings =
                "policies: {log_lines: {keep: 30d}}\narchives: {log_lines: 60d}\nquarantine: 1m\nbrake: {percent: 100}"
            let process = try RetentionProcess(database, settings: settings)
            try await process.seedLogs()
            try await process.archive()
            #expect(try await process.run().status == 0)
            #expect(try await process.text("SELECT count(*) FROM cygni.archives WHERE purged_at IS NULL") == "3")
            try await process.waitOut()
            for _ in 1...2 { #expect(try await process.run().status == 0) }
            #expect(try await process.text("SELECT count(*) FROM cygni.archives WHERE purged_at IS NULL") == "0")
            #expect(
                try await process.text(
                    "SELECT count(*) FROM cygni.purges WHERE weapon = 'objects' AND audit_id IS NOT NULL"
                ) == "3"
            )
            let left = try await BuiltExecutable(path: "/usr/bin/find").run([
                process.folder.file("objects/archives"), "-type", "f",
            ])
            #expect(left.standardOutput.isEmpty, "\(left)")
        }
    }

    @Test func `a level of the roll-ups ends by itself`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database, settings: "rollups: {1m: 30d}")
            try await process.owner(
                """
                INSERT INTO cygni.tenants (id, slug) VALUES (md5('t1')::uuid, 't1');
                SELECT cygni.ensure_partitions('metric_samples', '2026-03-01', '2026-03-02');
                INSERT INTO cygni.metric_samples SELECT timestamptz '2026-03-01 00:00+00' + i * interval '1 minute', md5('t1')::uuid, md5('p')::uuid, 'm', i
                FROM generate_series(0, 2879) AS i
                """
            )
            try await process.rollUp()
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(
                try await process.text(
                    "SELECT (SELECT count(*) FROM cygni.metrics_1m) || ' ' || (SELECT count(*) FROM cygni.metrics_1h)"
                ) == "0 48"
            )
            try await process.rollUp()
            #expect(
                try await process.text(
                    "SELECT (SELECT count(*) FROM cygni.metrics_1m) || ' ' || (SELECT count(*) FROM cygni.metrics_1h)"
                ) == "0 48"
            )
        }
    }

    @Test func `an unbroken beginning of the audit log becomes a segment, and the rest still verifies`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database, settings: "audit: 365d")
            // Three entries of 2020, hashed as the log hashes them.
            try await process.owner(
                """
                DO $$
                DECLARE
                    before bytea := decode(repeat('00', 32), 'hex');
                    now_hash bytea;
                    at timestamptz;
                    entry bigint;
                BEGIN
                    FOR place IN 1..3 LOOP
                        at := timestamptz '2020-01-01 00:00+00' + place * interval '1 day';
                        entry := nextval('cygni.audit_log_id_seq');
                        now_hash := cygni_private.audit_hash(NULL, place, entry, at, 'a', 'b', 'c', '{}', before);
                        INSERT INTO cygni.audit_log (id, seq, at, actor, action, subject, details, prev_hash, hash)
                        VALUES (entry, place, at, 'a', 'b', 'c', '{}', before, now_hash);
                        before := now_hash;
                    END LOOP;
                    INSERT INTO cygni_private.audit_heads (tenant_id, seq, hash, at, last_id) VALUES (NULL, 3, before, at, entry);
                END $$;
                SELECT cygni.audit_append(NULL, 'x', 'y')
                """
            )
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(
                try await process.text(
                    "SELECT first_seq || ' ' || last_seq || ' ' || entries FROM cygni.audit_segments"
                ) == "1 3 3"
            )
            let verified = try await process.tool(["audit", "verify"])
            #expect(verified.status == 0, "\(verified)")
        }
    }

    @Test func `what falls behind for three runs in a row is told`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try RetentionProcess(database, settings: "policies: {log_lines: {keep: 30d}}")
            try await process.seedLogs(days: 1...1)
            for _ in 1...3 { #expect(try await process.run().status == 0) }
            let fourth = try await process.run()
            #expect(fourth.status == 2, "\(fourth)")
            #expect(fourth.standardOutput.contains("falls behind"), "\(fourth)")
        }
    }
}
