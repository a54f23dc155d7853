import ArgumentParser
import CygniCommand
import CygniModel
import CygniPostgres
import FoundationEssentials
import RetentionPurge

/// `cygni retention hold add`.
struct HoldAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Set a hold: from now on nothing that it covers is purged.",
        discussion: """
            A hold covers a tenant, a table (log_lines) or one day of it (log_lines_p20261101), a
            span of time, or all of these together. Several may cover the same data: the last
            one released frees it. A purge that is at work stops before its next batch.

            EXAMPLES
              cygni retention hold add --tenant acme --why "case 2026-17"
              cygni retention hold add --source log_lines --from 2026-10-01T00:00:00Z --to 2026-10-08T00:00:00Z \
                --why "incident 12" --for 90d
              cygni retention hold add --everything --why "litigation of the whole platform"
            """
    )

    @Option(help: ArgumentHelp("Only data of this tenant.", valueName: "slug|id"))
    var tenant: String?

    @Option(help: ArgumentHelp("Only this table, or this day of it.", valueName: "name"))
    var source: String?

    @Option(help: ArgumentHelp("Only data at or after this moment, RFC 3339.", valueName: "time"))
    var from: String?

    @Option(help: ArgumentHelp("Only data before this moment.", valueName: "time"))
    var to: String?

    @Flag(help: "Everything of everybody.")
    var everything = false

    @Option(help: "The case, for whoever wants to release it.")
    var why: String

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("End by itself after this time, as in 90d.", valueName: "duration")
    )
    var length: String?

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try Reason.check(why: why, length: length)
        for (flag, text) in [("--from", from), ("--to", to)] {
            if let text, Timestamp(parsing: text) == nil {
                throw ValidationError("\(flag) must be a time such as 2026-11-01T06:00:00Z (found '\(text)')")
            }
        }
        let isNarrow = [tenant, source, from, to].contains { $0 != nil }
        guard isNarrow != everything else {
            throw ValidationError("say what is held: --tenant, --source, --from and --to, or --everything")
        }
    }

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let connection = try await database.connect(surroundings)
            let (actor, why, source, name) = (surroundings.actor, why, source, tenant)
            // A hold must be possible while a file is wrong; only the policies' names are missed then.
            let policies = (try? RetentionAccess(database, surroundings))?.settings.policies ?? [:]
            let times = [from, to].map { $0.flatMap { Timestamp(parsing: $0) } }
            let length = length.flatMap { Duration(parsing: $0) }
            let id = try await connection.transaction { session in
                let whose = try name.map { name -> UUID in
                    guard let id = try TenantName.resolve(name, in: session) else {
                        throw ToolError("there is no tenant '\(name)'", status: .failure)
                    }
                    return id
                }
                let statements = RetentionQuestion.statements
                if let source, policies[source] == nil {
                    guard try session.query(statements["holdable"], source)[0].get("found", as: Bool.self) else {
                        throw ToolError(
                            """
                            there is no table, partition, policy or archive '\(source)', so a hold on it would keep nothing: \
                            cygni retention explain and cygni archive list show what there is
                            """,
                            status: .failure
                        )
                    }
                }
                let now = try session.query(statements["now"])[0].get("now", as: Timestamp.self)
                let row = try session.query(
                    statements["place_hold"],
                    actor,
                    why,
                    whose,
                    source,
                    times[0],
                    times[1],
                    length.map { now + $0 }
                )[0]
                return try row.get("id", as: String.self)
            }
            await connection.close()
            let report = JSONValue.object([("id", .string(id)), ("created_by", .string(actor))])
            surroundings.show(
                output.format == .json
                    ? report.text : "hold \(id) is set; somebody else releases it: cygni retention hold release \(id)"
            )
            return .success
        }
    }
}
