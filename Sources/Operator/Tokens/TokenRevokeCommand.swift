import ArgumentParser
import CygniAccess
import CygniAudit
import CygniCommand
import CygniJobs
import CygniModel
import CygniPostgres
import FoundationEssentials

/// `cygni token revoke`.
struct TokenRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Take a key back: it lets nobody in any more, from the next request on.",
        discussion: """
            EXAMPLES
              cygni token revoke 0d1f6c1e-3c1b-4c57-9d27-6a4f8f3c2b11
            """
    )

    @Argument(help: "The key's id: cygni token list shows it.")
    var id: String

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            guard let key = UUID(uuidString: id) else {
                throw ToolError("'\(id)' is no key's id: cygni token list shows them", status: .usage)
            }
            let connection = try await database.connect(surroundings)
            let actor = surroundings.actor
            let revoked = try await connection.transaction { session -> String? in
                guard
                    let found = try KeyBook.revoke(key, tenant: nil, everyone: true, by: actor, in: session)
                else { return nil }
                try AuditLog.append(
                    AuditEvent(
                        tenant: found.tenant,
                        actor: actor,
                        action: "key.revoke",
                        subject: "key:\(key.text)",
                        details: JSONText(JSONValue.object([("name", .string(found.name))]).text)
                    ),
                    in: session
                )
                return found.name
            }
            await connection.close()
            guard let revoked else { throw ToolError("there is no key \(id) that still holds", status: .failure) }
            surroundings.show(
                output.format == .json
                    ? JSONValue.object([("revoked", .string(id))]).text : "key '\(revoked)' lets nobody in any more"
            )
            return .success
        }
    }
}
