import CygniTestSupport
import Testing

struct RollupCommandTests {
    @Test func `--explain tells what is dirty and why, and changes nothing`() async throws {
        try await withDatabase(.migrated) { database in
            try await RollupProcess.seed(database)
            let process = try RollupProcess(database)
            let before = try await process.endState()
            let explained = try await process.run(["--explain"])
            #expect(explained.status == 0, "\(explained)")
            #expect(explained.standardOutput.contains("samples of a past day"))
            #expect(try await process.endState() == before)
            #expect(try await process.text("SELECT count(*)::text AS value FROM cygni.job_runs") == "0")
        }
    }

    @Test(arguments: ["tomorrow", "2026-11-03..2026-11-01", "2026-13-01", "2026-11-01.."])
    func `a rebuild range that cannot be meant is wrong usage`(range: String) async throws {
        try await withDatabase(.migrated) { database in
            let result = try await RollupProcess(database).run(["--rebuild", range])
            #expect(result.status == 64, "\(result)")
            #expect(result.standardError.contains("FROM..TO"))
        }
    }
}
