import ArgumentParser
import CygniCommand
import CygniModel
import CygniPostgres

/// `cygni domain list`.
struct DomainListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show how domains stood when they were last looked at, and the one thing to change of each.",
        discussion: """
            Looks at nothing itself: cygni-dns-verify does. For what each server says now, cygni-dns-verify --explain NAME.

            EXAMPLES
              cygni domain list --wrong
              cygni domain list --tenant acme --output json
            """
    )

    @Option(help: ArgumentHelp("Only those of this tenant.", valueName: "slug|id"))
    var tenant: String?

    @Flag(help: "Only those with which something is to be done.")
    var wrong = false

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private static let statements = StatementFile("domains", PackageResources.domains_sql)

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let connection = try await database.connect(surroundings)
            let (tenant, wrong) = (tenant, wrong)
            let domains = try await connection.access { session in
                let whose = try tenant.map { try TenantName.resolve($0, in: session) } ?? nil
                if let tenant, whose == nil { throw ToolError("there is no tenant '\(tenant)'", status: .failure) }
                return try session.query(Self.statements["list"], whose, wrong).map(ListedDomain.init)
            }
            await connection.close()
            guard output.format == .text else {
                surroundings.show(JSONValue.object([("domains", .array(domains.map(\.json)))]).text)
                return .success
            }
            guard !domains.isEmpty else {
                surroundings.show(wrong ? "nothing is wrong with any domain" : "there are no domains")
                return .success
            }
            var table = TextTable(ListedDomain.headings)
            for domain in domains { table.add(domain.cells) }
            let width = TextStyle(surroundings).width
            surroundings.show(table.text(indent: 0, width: width > 80 ? width : 400) { $0 })
            return .success
        }
    }
}
