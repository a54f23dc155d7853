import ArgumentParser
import CygniAccess
import CygniAudit
import CygniCommand
import CygniJobs
import CygniModel
import CygniPostgres
import FoundationEssentials

/// `cygni token create`.
struct TokenCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a key for a machine; it is shown this once.",
        discussion: """
            EXAMPLES
              cygni token create --tenant acme --role developer --name ci --for 90d
              cygni token create --tenant acme --role developer --name robot --scope deployments:read
              cygni token create --operator --name grafana --scope jobs:read
            """
    )

    @OptionGroup var grant: GrantOptions

    @Option(help: "What it is for.")
    var name: String

    @Option(
        help: ArgumentHelp("Only this permission of the role; may be given more than once.", valueName: "permission")
    )
    var scope: [String] = []

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("End by itself after this time, as in 90d.", valueName: "duration")
    )
    var length: String?

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try Reason.check(why: name, length: length)
        guard name.unicodeScalars.count <= 100 else { throw ValidationError("--name must have at most 100 characters") }
    }

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let connection = try await database.connect(surroundings)
            let actor = surroundings.actor
            let (options, name, scopes) = (grant, name, scope.isEmpty ? nil : scope)
            let length = length.flatMap { Duration(parsing: $0) }
            let (key, id) = try await connection.transaction { session in
                let tenant = try options.tenantID(in: session)
                let made = try KeyBook.make(
                    name: name,
                    tenant: tenant,
                    role: options.roleName,
                    scopes: scopes,
                    for: length,
                    by: actor,
                    in: session
                )
                let details = JSONValue.object([
                    ("name", .string(name)), ("role", .string(options.roleName)), ("hint", .string(made.0.hint)),
                    ("scopes", scopes.map { .array($0.map(JSONValue.string)) } ?? .null),
                ])
                try AuditLog.append(
                    AuditEvent(
                        tenant: tenant,
                        actor: actor,
                        action: "key.make",
                        subject: "key:\(made.id.text)",
                        details: JSONText(details.text)
                    ),
                    in: session
                )
                return made
            }
            await connection.close()
            let report = JSONValue.object([
                ("id", .string(id.text)), ("key", .string(key.text.reveal())),
            ])
            surroundings.show(output.format == .json ? report.text : key.text.reveal())
            return .success
        }
    }
}
