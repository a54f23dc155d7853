import CygniPostgres
import CygniTestSupport
import Testing

/// Purges that are killed anywhere, met by another host, or lose their server.
struct CrashTests {
    /// Whole days, a day of which a tenant stays, rows of a minority, rows of a table, and objects, all in one run.
    private static let settings = """
        policies:
          log_lines: {keep: 30d, tenants: {t4: 3650d}}
          metric_samples: {keep: 30d}
          job_slots: {keep: 90d, time_column: finish_by, tenant_column: null}
        quarantine: 1m
        brake: {percent: 100}
        pace: {on: false}
        """

    private static let points = [
        "purge.before-detach", "purge.in-detach", "purge.detached", "purge.before-copy", "purge.copied",
        "purge.in-swap",
        "purge.swapped", "purge.before-batch", "purge.in-batch", "purge.after-batch", "purge.before-receipt",
        "purge.receipt",
        "purge.before-drop", "purge.in-drop", "purge.dropped",
    ]

    private func world(_ database: TestDatabase) async throws -> RetentionProcess {
        let process = try RetentionProcess(database, settings: Self.settings)
        try await process.seedLogs(days: 1...2)
        try await process.owner(
            """
            SELECT cygni.ensure_partitions('metric_samples', '2026-03-01', '2026-03-02');
            INSERT INTO cygni.metric_samples SELECT timestamptz '2026-03-01 00:00+00' + i * interval '1 hour', md5('t1')::uuid, md5('p')::uuid, 'm', i
            FROM generate_series(0, 47) AS i;
            INSERT INTO cygni.job_slots (job, slot, schedule, start_by, finish_by)
            SELECT 'old', timestamptz '2026-01-01' + i * interval '1 minute', 'x', '2026-02-01', '2026-02-01' FROM generate_series(1, 50) AS i
            """
        )
        try await process.archive()
        try await process.rollUp()
        return process
    }

    private func endState(_ process: RetentionProcess) async throws -> String {
        try await process.text(
            """
            SELECT (SELECT count(*) || ' of ' || count(DISTINCT tenant_id) FROM cygni.log_lines) || ', '
                || (SELECT count(*) FROM cygni.metric_samples) || ', ' || (SELECT count(*) FROM cygni.job_slots WHERE job = 'old') || '; '
                || (SELECT string_agg(source || ' ' || weapon || ' ' || n || ' ' || rows, ', ' ORDER BY source, weapon) FROM (
                    SELECT source, weapon, count(DISTINCT item) AS n, sum(rows) AS rows FROM cygni.purges WHERE finished_at IS NOT NULL AND audit_id IS NOT NULL GROUP BY 1, 2
                ) AS p) || '; ' || (SELECT count(*) FROM cygni.purges WHERE finished_at IS NULL) || ' open, '
                || (SELECT count(*) FROM pg_class WHERE relnamespace = 'cygni_quarantine'::regnamespace AND relkind = 'r') || ' left'
            """
        )
    }

    private static let expected =
        "200 of 1, 0, 0; job_slots delete 1 50, log_lines rewrite 2 600, metric_samples drop 2 48; 0 open, 0 left"

    private func finish(_ process: RetentionProcess) async throws {
        for _ in 1...2 {
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            try await process.waitOut()
        }
    }

    @Test(arguments: points)
    func `killed at any point, later runs end where an undisturbed one does`(point: String) async throws {
        try await withDatabase(.migrated) { database in
            let process = try await world(database)
            let killed = try await process.run(crashAt: point)
            if killed.exit != .signal(9) {
                // What only the second run comes to: the end of the quarantine.
                #expect(killed.status == 0, "\(killed)")
                try await process.waitOut()
                let second = try await process.run(crashAt: point)
                #expect(second.exit == .signal(9), "\(second)")
            }
            try await finish(process)
            #expect(try await endState(process) == Self.expected)
        }
    }

    @Test func `two hundred seeded runs lose nothing and purge nothing twice`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try await world(database)
            var random = Seeded(state: 20_261_123)
            for round in 1...200 {
                let purge = try process.start()
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...120, using: &random)))
                purge.signal(9)
                _ = try await purge.result(timeLimit: .seconds(60))
                if round % 10 == 0 { try await process.waitOut() }
            }
            try await finish(process)
            #expect(try await endState(process) == Self.expected)
            #expect(try await process.text("SELECT sum(rows) FROM cygni.archives") == "800")
        }
    }

    @Test func `two hosts at once do the work once`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try await world(database)
            async let first = process.run()
            async let second = process.run()
            let statuses = try await [first.status, second.status].sorted { ($0 ?? -1) < ($1 ?? -1) }
            #expect(statuses == [0, 75] || statuses == [0, 0])
            try await process.waitOut()
            try await finish(process)
            #expect(try await endState(process) == Self.expected)
        }
    }

    @Test func `a reader keeps a day for as long as it reads, and makes nobody else wait`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try await world(database)
            try await process.owner("SELECT cygni.ensure_partitions('log_lines', current_date, current_date)")
            let reader = try await database.connect(role: "cygni_owner")
            try await reader.access { try $0.script("BEGIN; SELECT count(*) FROM cygni.log_lines", name: "read") }
            let purge = try process.start()
            let clock = ContinuousClock()
            let bystander = try await database.connect(role: "cygni_owner")
            let end = clock.now + .seconds(3)
            var tries = 0
            while clock.now < end {
                try await bystander.access {
                    try $0.script(
                        "INSERT INTO cygni.log_lines (ts, tenant_id, project_id) VALUES (now(), md5('t4')::uuid, md5('t4')::uuid)",
                        name: "write"
                    )
                }
                tries += 1
            }
            // Each of them would have waited for the reader's end behind a plain DETACH.
            #expect(tries > 10)
            try await reader.access { try $0.script("COMMIT", name: "end") }
            let result = try await purge.result(timeLimit: .seconds(60))
            #expect(result.status == 0 && result.standardOutput.contains("lock_retries"), "\(result)")
        }
    }

    @Test func `a dry run and the run agree on every item`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try await world(database)
            func items(_ text: String) -> Set<String> {
                Set(
                    text.matches(of: /"id":"([^"]+)","action":"([^"]+)"/).map { "\($0.2) \($0.1)" }.filter {
                        !$0.hasPrefix("keep")
                    }
                )
            }
            for _ in 1...3 {
                let planned = try await process.run(["--dry-run", "--output", "json"])
                let done = try await process.run(["--output", "json"])
                #expect(items(planned.standardOutput) == items(done.standardOutput), "\(planned) \(done)")
                try await process.waitOut()
            }
        }
    }

    @Test func `a server that is restarted in the middle is waited for`() async throws {
        let cluster = try await TestCluster.start(isDurable: true)
        try await cluster.withDatabase(.migrated) { database in
            let process = try await world(database)
            let purge = try process.start()
            try await Task.sleep(for: .milliseconds(80))
            try await cluster.restart()
            _ = try await purge.result(timeLimit: .seconds(60))
            // A crash of the server would clear the counters; a restart keeps them.
            try await process.archive()
            try await finish(process)
            #expect(try await endState(process) == Self.expected)
        }
    }
}
