import ArgumentParser
import CygniCommand
import CygniConfig
import CygniModel
import CygniPostgres
import FoundationEssentials
import RetentionPurge

/// `cygni retention explain`.
struct RetentionExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell when something goes, by which policy, and what could stop it.",
        discussion: """
            The answer comes from the facts and the decision that the purge itself goes by. A
            row is named by its id, or where rows have none by TABLE@TIME, with --tenant saying
            whose it is. Without anything every policy is told.

            EXAMPLES
              cygni retention explain
              cygni retention explain log_lines
              cygni retention explain --row 0b1c9c52-0f5c-4d0e-9a52-3a9c4c6b7d10
              cygni retention explain --row log_lines@2026-10-01T06:00:00Z --tenant acme
              cygni retention explain --tenant acme --output json
            """
    )

    @Argument(help: "The table, as in log_lines.")
    var table: String?

    @Option(help: ArgumentHelp("One row.", valueName: "id|table@time"))
    var row: String?

    @Option(help: ArgumentHelp("What a tenant has, or whose row it is.", valueName: "slug|id"))
    var tenant: String?

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard table == nil || (row == nil && tenant == nil) else {
            throw ValidationError(
                "TABLE, --row and --tenant ask different things: give one (--tenant may go with --row)"
            )
        }
    }

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let access = try RetentionAccess(database, surroundings)
            let connection = try await database.connect(surroundings)
            let answers = try await connection.transaction(.snapshot) { session in
                try RetentionQuestion(table: table, row: row, tenant: tenant, access: access).answers(in: session)
            }
            await connection.close()
            guard output.format == .text else {
                surroundings.show(JSONValue.object([("answers", .array(answers.map(\.json)))]).text)
                return .success
            }
            let width = TextStyle(surroundings).width
            surroundings.show(
                answers.map { $0.text(width: width > 80 ? width : 400) }.joined(separator: "\n")
            )
            return .success
        }
    }
}
