import ArgumentParser
import CygniAccess
import CygniAudit
import CygniCommand
import CygniJobs
import CygniModel
import CygniPostgres

/// `cygni token link`.
struct TokenLinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Make a link that lets one person in, once.",
        discussion: """
            Whoever has it exchanges it for tokens, POST /v2/tokens. The audit log keeps
            who made it and for whom, never the link.

            EXAMPLES
              cygni token link --operator --subject anna@example.test
              cygni token link --tenant acme --role developer --subject bob@acme.test --for 1h
            """
    )

    @OptionGroup var grant: GrantOptions

    @Option(help: ArgumentHelp("Who it is for, as the audit log is to name them.", valueName: "name"))
    var subject: String

    @Option(name: .customLong("for"), help: ArgumentHelp("How long it holds (default: 15m).", valueName: "duration"))
    var length = "15m"

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try Reason.check(why: subject, length: length)
    }

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let connection = try await database.connect(surroundings)
            let actor = surroundings.actor
            let (options, subject) = (grant, "user:\(subject)")
            let length = Duration(parsing: length) ?? .minutes(15)
            let link = try await connection.transaction { session in
                let grant = Grant(subject: subject, tenant: try options.tenantID(in: session), role: options.roleName)
                let link = try AccessBook.makeLink(grant, for: length, by: actor, in: session)
                try AuditLog.append(
                    AuditEvent(
                        tenant: grant.tenant,
                        actor: actor,
                        action: "token.link",
                        subject: subject,
                        details: JSONText(JSONValue.object([("role", .string(grant.role))]).text)
                    ),
                    in: session
                )
                return link
            }
            await connection.close()
            let text = link.text.reveal()
            surroundings.show(output.format == .json ? JSONValue.object([("link", .string(text))]).text : text)
            return .success
        }
    }
}
