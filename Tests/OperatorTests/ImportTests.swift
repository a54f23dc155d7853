import CygniIntake
import CygniModel
import CygniPostgres
import CygniTestSupport
import FoundationEssentials
import Testing

@testable import Operator

@Suite struct ImportTests {
    @Test func samplesArriveAsTheyWere() async throws {
        try await withDatabase(.migrated) { database in
            let folder = try TemporaryFolder()
            let text = """
                ts,tenant,project,metric,value
                2026-11-21T23:59:59.999999Z,acme,shop,latency,-1.5
                2026-11-22 00:00:00,acme,"shop",NaN test,NaN
                2026-11-22 00:00:01,zeta,api,"a ""b"", c",-Infinity
                1795317420,acme,api,é,1e-300
                """
            let report = try await database.importSamples(text, flags: ["--create"], metric: nil, in: folder)
            #expect(report.status == .success)
            #expect(report.written == .init(rows: 4, tenants: 2, projects: 3, partitions: 2))
            let rows = try await database.value(
                """
                SELECT string_agg(concat_ws(' ', to_char(ts, 'DD HH24:MI:SS.US'), t.slug, p.slug, metric, value), '|' ORDER BY ts)
                FROM cygni.metric_samples s JOIN cygni.tenants t ON t.id = s.tenant_id JOIN cygni.projects p ON p.id = s.project_id
                """,
                as: String.self
            )
            #expect(
                rows == "21 23:59:59.999999 acme shop latency -1.5|22 00:00:00.000000 acme shop NaN test NaN"
                    + "|22 00:00:01.000000 zeta api a \"b\", c -Infinity|22 03:17:00.000000 acme api é 1e-300"
            )
        }
    }

    @Test func batchesAddUpAndTheRollUpHearsOfThem() async throws {
        try await withDatabase(.migrated) { database in
            let folder = try TemporaryFolder()
            let lines = (0..<230_000).map { "\(1_795_300_000 + $0),\($0 % 100)\n" }.joined()
            let report = try await database.importSamples("ts,value\n\(lines)", in: folder)
            #expect((report.written.rows, report.rejected, report.lines) == (230_000, 0, 230_001))
            #expect(try await database.value("SELECT count(*) FROM cygni.metric_samples") == 230_000)
            #expect(try await database.value("SELECT sum(rows)::bigint FROM cygni_rollup.changes") == 230_000)
            #expect(
                try await database.value(
                    "SELECT counts ->> 'rows' FROM cygni.job_runs WHERE state = 'succeeded'",
                    as: String.self
                )
                    == "230000"
            )
        }
    }

    @Test func anImportIsOnRecord() async throws {
        try await withDatabase(.migrated) { database in
            let folder = try TemporaryFolder()
            _ = try await database.importSamples("ts,value\n2026-11-22,1\n", in: folder)
            _ = try await database.importSamples("ts,value\nnever,1\n", in: folder)
            let record =
                "SELECT string_agg(concat_ws(' ', tenant_id, action, details ->> 'rows'), ',') FROM cygni.audit_log"
            #expect(try await database.value(record, as: String.self) == "import-metrics 1")
        }
    }

    @Test func aFileIsNotImportedTwiceByMistake() async throws {
        try await withDatabase(.migrated) { database in
            let folder = try TemporaryFolder()
            let flags = ["--tenant", "acme", "--project", "shop", "--create"]
            _ = try await database.importSamples("ts,value\n2026-11-22,1\n", flags: flags, in: folder)
            let file = folder.file("input")
            let options = try importOptions([file] + flags)
            let again = try await ImportBooks.earlier(
                "import-metrics",
                ImportIdentity(InputFile(path: file), options, more: ["metric_samples", "m"]),
                database.connectAsJobs()
            )
            guard case .finished = again else {
                Issue.record("\(again)")
                return
            }
        }
    }

    @Test func anImportThatWasKilledIsGoneOnWith() async throws {
        try await withDatabase(.migrated) { database in
            let folder = try TemporaryFolder()
            let lines = (0..<5).map { "\(1_795_300_000 + $0),\($0)\n" }.joined()
            let file = try folder.write("ts,value\n\(lines)", to: "input")
            let flags = ["--tenant", "acme", "--project", "shop", "--create"]
            let identity = ImportIdentity(
                try InputFile(path: file),
                try importOptions([file] + flags),
                more: ["metric_samples", "m"]
            )
            // As an import leaves it that was killed after three lines.
            try await database.connectAsJobs().access { session in
                try session.query(
                    ImportTable.statements["open_run"],
                    UUID(),
                    "import-metrics",
                    "h",
                    Int32(1),
                    "0",
                    identity.text
                )
                try session.script("UPDATE cygni.job_runs SET counts = '{\"lines\": 4, \"rows\": 3}'", name: "killed")
            }
            let input = try InputFile(path: file)
            let options = try importOptions([file] + flags)
            let report = try await Import(input: input, table: .samples, options: options, shape: ["m"])
                .run(database.connectAsJobs()) { places, _ in
                    let encoder = SampleEncoder(
                        defaults: .init(tenant: "acme", project: "shop", metric: "m"),
                        places: places,
                        days: DayRegister(limit: 10)
                    )
                    return CSVSamples(encoder, delimiter: byte(","), known: [.tenant, .project, .metric])
                }
            #expect((report.resumedAfter, report.written.rows) == (4, 2))
            #expect(try await database.value("SELECT count(*) FROM cygni.job_runs WHERE state = 'lost'") == 1)
        }
    }

    @Test func anUnknownTenantTellsTheWayOut() async throws {
        try await withDatabase(.migrated) { database in
            let folder = try TemporaryFolder()
            await #expect(throws: ImportError.self) {
                try await database.importSamples(
                    "ts,value\n2026-11-22,1\n",
                    flags: ["--tenant", "nobody", "--project", "x"],
                    in: folder
                )
            }
            let text = "ts,value,tenant,project\n2026-11-22,1,nobody,x\n"
            let report = try await database.importSamples(text, flags: [], in: folder)
            #expect((report.status, report.rejected) == (.failure, 1))
            #expect(try folder.read("input.rejects").contains("there is no tenant 'nobody'; --create makes it"))
            #expect(try await database.value("SELECT count(*) FROM cygni.tenants") == 0)
        }
    }

    @Test func prometheusTextIsTakenAtThisMoment() async throws {
        try await withDatabase(.migrated) { database in
            let folder = try TemporaryFolder()
            let text = "# TYPE up gauge\nup{job=\"b\",a=\"x\"} 1\nold 2 1795317420123\n"
            let report = try await database.importSamples(text, format: .prometheus, metric: nil, in: folder)
            #expect(report.written.rows == 2)
            let recent =
                "SELECT metric FROM cygni.metric_samples WHERE ts BETWEEN now() - interval '1 minute' AND now()"
            #expect(try await database.value(recent, as: String.self) == #"up{a="x",job="b"}"#)
        }
    }
}
