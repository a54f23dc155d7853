import CygniPostgres
import CygniTestSupport
import Foundation
import Testing

/// Memory stays flat however many rows stream through a COPY.
///
/// The measuring runs in a process of its own, these very tests started once more, as other tests beside it would show.
@Suite struct CopyMemoryTests {
    private static let isChild = ProcessInfo.processInfo.environment["CYGNI_COPY_MEMORY"] != nil

    @Test func memoryIsFlat() async throws {
        if Self.isChild { return try await measure() }
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let result = try await BuiltExecutable(path: tests).run(
            ["--testing-library", "swift-testing", "--filter", "CopyMemoryTests"],
            environment: ["CYGNI_COPY_MEMORY": "1"],
            timeLimit: .seconds(300)
        )
        #expect(result.status == 0, "\(result)")
        #expect(result.standardOutput.contains("measured 4 times"), "\(result)")
    }

    private func measure() async throws {
        var count = 0
        try await withDatabase { database in
            try await database.execute("CREATE UNLOGGED TABLE t (a int4)")
            let connection = try await database.connect()
            for rows in [1_000_000, 10_000_000] {
                for copy in [copyIn, copyOut] {
                    let before = try peak()
                    try await copy(connection, rows)
                    let growth = try peak() - before
                    // A million rows are some 7 MB of text, ten million nearly 80.
                    #expect(growth < 4 * 1024, "\(rows) rows: grew by \(growth) KiB")
                    count += 1
                }
            }
        }
        print("measured \(count) times")
    }

    @Sendable private func copyIn(_ connection: Connection, _ rows: Int) async throws {
        let taken = try await connection.access { session in
            let lines = Array(String(repeating: "1234567\n", count: 100).utf8)
            return try session.copyIn(Statement("copy.in", "COPY t FROM STDIN")) { writer in
                for _ in 0..<(rows / 100) { try writer.write(lines) }
            }
        }
        #expect(taken == rows)
    }

    @Sendable private func copyOut(_ connection: Connection, _ rows: Int) async throws {
        let series = Statement("copy.out", "COPY (SELECT n FROM generate_series(1, \(rows)) AS n) TO STDOUT")
        let (sent, bytes) = try await connection.access { session in
            var bytes = 0
            return (try session.copyOut(series) { bytes += $0.count }, bytes)
        }
        #expect(sent == rows && bytes > 6 * rows)
    }

    /// The most that was ever resident, in KiB.
    private func peak() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return try #require(line?.split(separator: " ").compactMap { Int($0) }.first)
    }
}
