import ArgumentParser
import CygniCommand
import CygniModel
import CygniPostgres
import FoundationEssentials

/// `cygni preview list`.
struct PreviewListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the previews there are, and which of them are on their way out.",
        discussion: """
            EXAMPLES
              cygni preview list --ending
              cygni preview list --tenant acme --output json
            """
    )

    @Option(help: ArgumentHelp("Only those of this tenant.", valueName: "slug|id"))
    var tenant: String?

    @Flag(help: "Only those whose end was seen.")
    var ending = false

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Line: Sendable {
        let id, project, state, rule, until: String
        let number: Int?

        init(row: Row) throws {
            id = try row.get("id")
            project = try row.get("project")
            number = try row.get("pull_request")
            rule = try row.get("rule", as: String?.self) ?? ""
            let stored: String = try row.get("state")
            if stored == "reaping" {
                let begun = try row.get("reap_begun_at", as: Timestamp?.self) != nil
                state = begun ? "being deleted" : "marked"
                until = begun ? "" : try row.get("restore_until", as: Timestamp?.self)?.rfc3339 ?? ""
            } else {
                let seen = try row.get("first_seen_at", as: Timestamp?.self)
                state = try row.get("pinned") ? "\(stored), pinned" : stored
                until = seen.map { "end seen \($0.rfc3339)" } ?? ""
            }
        }

        var json: JSONValue {
            .object([
                ("id", .string(id)), ("project", .string(project)),
                ("pull_request", number.map(JSONValue.integer) ?? .null), ("state", .string(state)),
                ("rule", .optional(rule.isEmpty ? nil : rule)), ("until", .optional(until.isEmpty ? nil : until)),
            ])
        }
    }

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let connection = try await database.connect(surroundings)
            let (tenant, ending) = (tenant, ending)
            let lines = try await connection.access { session in
                let whose = try tenant.map { try TenantName.resolve($0, in: session) } ?? nil
                if let tenant, whose == nil { throw ToolError("there is no tenant '\(tenant)'", status: .failure) }
                return try session.query(PreviewRestoreCommand.statements["list"], whose, ending).map(Line.init)
            }
            await connection.close()
            guard output.format == .text else {
                surroundings.show(JSONValue.object([("previews", .array(lines.map(\.json)))]).text)
                return .success
            }
            guard !lines.isEmpty else {
                surroundings.show(ending ? "no preview is on its way out" : "there are no previews")
                return .success
            }
            var table = TextTable(["project", "PR", "state", "rule", "until", "id"])
            for line in lines {
                table.add([line.project, line.number.map { "\($0)" } ?? "", line.state, line.rule, line.until, line.id])
            }
            surroundings.show(table.text(indent: 0, width: 400) { $0 })
            return .success
        }
    }
}
