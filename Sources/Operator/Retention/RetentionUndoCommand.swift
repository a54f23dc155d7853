import ArgumentParser
import CygniCommand
import CygniModel
import CygniPostgres

/// `cygni retention undo`.
struct RetentionUndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Put back partitions that the purge took out, while they are in quarantine.",
        discussion: """
            Without a name it shows what can be put back. The next purge takes it out again,
            unless its policy changes first or --hold keeps it.

            EXAMPLES
              cygni retention undo
              cygni retention undo log_lines_p20261001_default --hold "asked for by support, ticket 88"
              cygni retention undo log_lines --dry-run
            """
    )

    @Argument(help: "A partition, its id, or a table: all of its partitions in quarantine.")
    var name: String?

    @Option(help: ArgumentHelp("Also hold what is put back, for this reason.", valueName: "why"))
    var hold: String?

    @Flag(help: "Only show what would be put back.")
    var dryRun = false

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let connection = try await database.connect(surroundings)
            let name = name
            let found = try await connection.access { session in
                try session.query(RetentionQuestion.statements["quarantined"], name).map(QuarantinedRow.init(row:))
            }
            if let name, found.isEmpty {
                throw ToolError(
                    "'\(name)' is not in quarantine: cygni retention undo shows what is, cygni retention explain what became of it",
                    status: .failure
                )
            }
            if name != nil, !dryRun {
                for row in found { try await restore(row, surroundings.actor, connection) }
            }
            await connection.close()
            show(found, isDone: name != nil && !dryRun, surroundings)
            return .success
        }
    }

    /// Two minutes of tries.
    private static let attempts = 600

    /// Tries for its locks again and again, 50 ms at a time, as others wait meanwhile.
    private func restore(_ row: QuarantinedRow, _ actor: String, _ connection: Connection) async throws {
        let (hold, statements) = (hold, RetentionQuestion.statements)
        for attempt in 1... {
            do {
                return try await connection.transaction { session in
                    _ = try session.query(statements["short_locks"])
                    _ = try session.query(statements["restore"], row.id, actor)
                    guard let hold else { return }
                    _ = try session.query(
                        statements["place_hold"],
                        actor,
                        hold,
                        nil,
                        row.source,
                        row.start,
                        row.end,
                        nil
                    )
                }
            } catch let error as PostgresError where error.sqlState == "55P03" {
                guard attempt < Self.attempts else {
                    throw ToolError(
                        """
                        \(row.partition) could not be put back: its locks were not to be had in \(attempt) tries, as queries \
                        read the table all the time (pg_stat_activity); it stays in quarantine until \(row.dropAfter.rfc3339)
                        """,
                        status: .failure
                    )
                }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    private func show(_ rows: [QuarantinedRow], isDone: Bool, _ surroundings: Surroundings) {
        guard output.format == .text else {
            let report = JSONValue.object([("restored", .bool(isDone)), ("partitions", .array(rows.map(\.json)))])
            return surroundings.show(report.text)
        }
        guard !rows.isEmpty else { return surroundings.show("nothing is in quarantine") }
        if isDone {
            for row in rows { surroundings.show("\(row.partition) is back") }
            if hold == nil {
                surroundings.tell("the next purge takes it out again, unless its policy changes or a hold keeps it")
            }
            return
        }
        var table = TextTable(QuarantinedRow.headings, rightAligned: [1])
        for row in rows { table.add(row.cells) }
        surroundings.show(table.text(indent: 0, width: 400) { $0 })
    }
}
