import ArgumentParser
import CygniAccess
import CygniModel
import CygniPostgres
import FoundationEssentials

/// `cygni token`.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Let people and machines into the API: sign-in links and keys.",
        subcommands: [TokenLinkCommand.self, TokenCreateCommand.self, TokenListCommand.self, TokenRevokeCommand.self]
    )
}

/// Whom something is made for.
struct GrantOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A member of this tenant.", valueName: "slug|id"))
    var tenant: String?

    @Flag(help: "One who runs the platform itself.")
    var `operator` = false

    @Option(
        help: ArgumentHelp(
            "owner, admin, developer, viewer, or one of the tenant's own (default: viewer).",
            valueName: "role"
        )
    )
    var role: String?

    func validate() throws {
        guard (tenant != nil) != self.operator else { throw ValidationError("say for whom: --tenant or --operator") }
        guard role == nil || !self.operator else { throw ValidationError("--operator is a role by itself") }
    }

    func tenantID(in session: Session) throws -> UUID? {
        try tenant.map { name in
            guard let id = try TenantName.resolve(name, in: session) else {
                throw ToolError("there is no tenant '\(name)'", status: .failure)
            }
            return id
        }
    }

    var roleName: String { self.operator ? Role.operator.rawValue : role ?? Role.viewer.rawValue }
}
