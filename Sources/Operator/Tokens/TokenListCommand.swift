import ArgumentParser
import CygniAccess
import CygniCommand
import CygniModel
import CygniPostgres
import FoundationEssentials

/// `cygni token list`.
struct TokenListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the keys of machines: whose, for what, when last used.",
        discussion: """
            EXAMPLES
              cygni token list
              cygni token list --tenant acme --output json
            """
    )

    @Option(help: ArgumentHelp("Only this tenant's.", valueName: "slug|id"))
    var tenant: String?

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let connection = try await database.connect(surroundings)
            let tenant = tenant
            let keys = try await connection.access { session in
                let whose = try tenant.map { try TenantName.resolve($0, in: session) } ?? nil
                if let tenant, whose == nil { throw ToolError("there is no tenant '\(tenant)'", status: .failure) }
                return try KeyBook.list(tenant: whose, everyone: whose == nil, in: session)
            }
            await connection.close()
            guard output.format == .text else {
                surroundings.show(JSONValue.object([("keys", .array(keys.map(\.json)))]).text)
                return .success
            }
            guard !keys.isEmpty else {
                surroundings.show("there is no key")
                return .success
            }
            var table = TextTable(["ID", "KEY", "NAME", "ROLE", "MADE BY", "LAST USED", "STATE"])
            for key in keys { table.add(key.cells) }
            surroundings.show(table.text(indent: 0, width: 400) { $0 })
            return .success
        }
    }
}

extension ListedKey {
    fileprivate var cells: [String] {
        let used = lastUsedAt.map { "\($0.rfc3339.prefix(16))Z" } ?? "never"
        let state =
            revokedAt.map { "taken back \($0.rfc3339.prefix(10))" }
            ?? expiresAt.map { "until \($0.rfc3339.prefix(10))" }
        let what = scopes.map { "\(role): \($0.joined(separator: " "))" } ?? role
        return [id.text, "\(hint)…", name, what, createdBy, used, state ?? "holds"]
    }

    fileprivate var json: JSONValue {
        .object([
            ("id", .string(id.text)), ("tenant_id", .optional(tenant?.text)),
            ("name", .string(name)), ("hint", .string(hint)), ("role", .string(role)),
            ("scopes", scopes.map { .array($0.map(JSONValue.string)) } ?? .null),
            ("created_at", .string(createdAt.rfc3339)), ("created_by", .string(createdBy)),
            ("expires_at", .optional(expiresAt?.rfc3339)), ("last_used_at", .optional(lastUsedAt?.rfc3339)),
            ("revoked_at", .optional(revokedAt?.rfc3339)),
        ])
    }
}
