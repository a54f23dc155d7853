import ArgumentParser
import CygniCommand
import CygniModel
import CygniPostgres

/// `cygni retention hold list`.
struct HoldListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the holds in force.",
        discussion: """
            EXAMPLES
              cygni retention hold list
              cygni retention hold list --tenant acme --all --output json
            """
    )

    @Option(help: ArgumentHelp("Only those over data of this tenant.", valueName: "slug|id"))
    var tenant: String?

    @Option(help: ArgumentHelp("Only those over this table.", valueName: "name"))
    var source: String?

    @Flag(help: "Also those that were released or ended by themselves.")
    var all = false

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let connection = try await database.connect(surroundings)
            let (tenant, source, all) = (tenant, source, all)
            let holds = try await connection.access { session in
                let whose = try tenant.map { try TenantName.resolve($0, in: session) } ?? nil
                if let tenant, whose == nil { throw ToolError("there is no tenant '\(tenant)'", status: .failure) }
                return try session.query(RetentionQuestion.statements["holds"], source, whose, all)
                    .map(HoldRow.init(row:))
            }
            await connection.close()
            guard output.format == .text else {
                surroundings.show(JSONValue.object([("holds", .array(holds.map(\.json)))]).text)
                return .success
            }
            guard !holds.isEmpty else {
                surroundings.show("nothing is held")
                return .success
            }
            var table = TextTable(HoldRow.headings)
            for hold in holds { table.add(hold.cells) }
            let width = TextStyle(surroundings).width
            surroundings.show(table.text(indent: 0, width: width > 80 ? width : 400) { $0 })
            return .success
        }
    }
}
