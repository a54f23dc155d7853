import ArgumentParser
import CygniAccess
import CygniAudit
import CygniCommand
import CygniConfig
import CygniJobs
import CygniModel
import CygniPostgres
import JobBook

/// `cygni token link`.
struct TokenLinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Make a link that lets one person in, once.",
        discussion: """
            One for an operator is the address of the operator's page, where api.yaml can
            be read; one for a tenant's member is exchanged for tokens, POST /v2/tokens,
            which takes both. The audit log keeps who made it and for whom, never the link.

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
            let address = options.operator ? pageAddress(surroundings).map { "\($0)/sign-in#\(text)" } : nil
            let json = JSONValue.object([("link", .string(text)), ("address", .optional(address))])
            surroundings.show(output.format == .json ? json.text : address ?? text)
            return .success
        }
    }

    /// Where the operator's page is, by the server's settings; nil: they are not on this host, or do not tell.
    private func pageAddress(_ surroundings: Surroundings) -> String? {
        let environment = surroundings.environment
        let files = ConfigFiles(shared: database.config.path(environment), environment: environment)
        guard let file = ConfigCatalogue.platform.documents.first(where: { $0.name == "api" }).map(files.path),
            let loaded = try? ConfigLoader.load(APISettings.self, file: file, environment: environment)
        else { return nil }
        let settings = loaded.settings
        return settings.publicURL == nil && settings.listen.port == 0
            ? nil : settings.address(port: settings.listen.port)
    }
}
