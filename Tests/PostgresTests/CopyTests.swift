import CygniPostgres
import CygniTestSupport
import Testing

@Suite struct CopyTests {
    private let tableIn = Statement("copy.in", "COPY t FROM STDIN")
    private let tableOut = Statement("copy.out", "COPY t TO STDOUT")

    private func withTable(_ body: @escaping @Sendable (Connection) async throws -> Void) async throws {
        try await withDatabase { database in
            try await database.execute("CREATE TABLE t (a int8, b text)")
            try await body(try await database.connect())
        }
    }

    private static func count(_ session: Session) throws -> Int {
        try session.query(Statement("count", "SELECT count(*) AS n FROM t"))[0].get("n")
    }

    @Test func bothWays() async throws {
        let fields: [[String?]] = [
            ["1", "plain"], ["2", nil], ["3", ""], ["4", "tab\t line\n return\r back\\ \\N ü"], ["5", "\\."],
        ]
        try await withTable { connection in
            try await connection.access { session in
                let taken = try session.copyIn(tableIn) { writer in
                    var buffer: [UInt8] = []
                    for row in fields { CopyText.appendRow(row, to: &buffer) }
                    for byte in buffer { try writer.write([byte]) }
                }
                #expect(taken == 5)
                let rows = try session.query(Statement("all", "SELECT b FROM t ORDER BY a"))
                #expect(try rows.map { try $0.get("b", as: String?.self) } == fields.map { $0[1] })
                var lines: [String] = []
                let sent = try session.copyOut(tableOut) { lines.append(String(decoding: $0, as: UTF8.self)) }
                #expect(sent == 5 && lines.count == 5 && lines[0] == "1\tplain\n" && lines[1] == "2\t\\N\n")
                #expect(try session.copyIn(tableIn) { _ in } == 0)
            }
        }
    }

    @Test func failuresLeaveTheConnectionUsable() async throws {
        struct Stop: Error {}
        try await withTable { connection in
            try await connection.access { session in
                try session.script("INSERT INTO t SELECT n, 'x' FROM generate_series(1, 100000) AS n", name: "fill")
                // The server refuses a row in the middle.
                let bad = #expect(throws: PostgresError.self) {
                    try session.copyIn(tableIn) { writer in
                        for number in 0..<50_000 { try writer.write(number == 100 ? "secret\tx\n" : "\(number)\tx\n") }
                    }
                }
                #expect(bad?.sqlState == "22P02" && bad?.statement == "copy.in")
                #expect(bad.map { String(reflecting: $0).contains("secret") } == false)
                #expect(throws: Stop.self) {
                    try session.copyIn(tableIn) { writer in
                        try writer.write("1\tx\n")
                        throw Stop()
                    }
                }
                #expect(throws: Stop.self) { try session.copyOut(tableOut) { _ in throw Stop() } }
                let failing = Statement(
                    "copy.fails",
                    "COPY (SELECT 1 / (500 - n) FROM generate_series(1, 1000) AS n) TO STDOUT"
                )
                var seen = 0
                let division = #expect(throws: PostgresError.self) { try session.copyOut(failing) { _ in seen += 1 } }
                #expect(division?.sqlState == "22012" && seen == 499)
                // Wrong statements for the call.
                for statement in [Statement("select", "SELECT 1"), tableOut, Statement("none", "COPY none FROM STDIN")]
                {
                    #expect(throws: PostgresError.self) { try session.copyIn(statement) { _ in } }
                }
                #expect(throws: PostgresError.self) { try session.copyOut(tableIn) { _ in } }
                #expect(throws: PostgresError.self) { try session.query(tableIn) }
                #expect(throws: PostgresError.self) { try session.script("COPY t TO STDOUT", name: "script") }
                #expect(try Self.count(session) == 100_000)
            }
            #expect(connection.isUsable)
        }
    }

    @Test func cancellationEndsBoth() async throws {
        let endless = Statement("copy.endless", "COPY (SELECT n FROM generate_series(1, 1000000000) AS n) TO STDOUT")
        try await withTable { connection in
            let out = Task { try await connection.access { session in _ = try session.copyOut(endless) { _ in } } }
            try await Task.sleep(for: .milliseconds(150))
            out.cancel()
            await #expect(throws: CancellationError.self) { try await out.value }
            let into = Task {
                try await connection.access { session in
                    _ = try session.copyIn(tableIn) { writer in
                        while true { try writer.write("1\tx\n") }
                    }
                }
            }
            try await Task.sleep(for: .milliseconds(150))
            into.cancel()
            await #expect(throws: CancellationError.self) { try await into.value }
            #expect(try await connection.access { try Self.count($0) } == 0)
        }
    }
}
