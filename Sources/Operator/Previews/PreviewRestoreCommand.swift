import ArgumentParser
import CygniAudit
import CygniCommand
import CygniModel
import CygniPostgres
import FoundationEssentials
import PreviewReaping

/// `cygni preview restore`.
struct PreviewRestoreCommand: AsyncParsableCommand {
    static let statements = StatementFile("previews", PackageResources.previews_sql)

    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring back a preview that is marked to go, while nothing of it is deleted.",
        discussion: """
            The next runs find its end again, unless its cause has gone, or --pin keeps it.

            EXAMPLES
              cygni preview restore 0f8fad5b-d9cb-469f-a165-70867728950e --pin
            """
    )

    @Argument(help: "The deployment's id: cygni preview list shows it.")
    var id: String

    @Flag(help: "Also pin it: no job removes it then.")
    var pin = false

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            guard let deployment = UUID(uuidString: id) else {
                throw ToolError("'\(id)' is no deployment's id: cygni preview list shows them", status: .usage)
            }
            let connection = try await database.connect(surroundings)
            let (pin, actor) = (pin, surroundings.actor)
            let why = try await connection.transaction { session -> String? in
                let tenant: UUID
                switch try PreviewRestoring.restore(deployment, pin: pin, in: session) {
                case .restored(let whose, _): tenant = whose
                case .impossible(let why): return why
                case .noSuchPreview: return "there is no such preview"
                }
                try AuditLog.append(
                    AuditEvent(
                        tenant: tenant,
                        actor: actor,
                        action: "preview.restored",
                        subject: "deployment:\(deployment.text)",
                        details: JSONText(JSONValue.object([("pinned", .bool(pin))]).text)
                    ),
                    in: session
                )
                return nil
            }
            await connection.close()
            if let why { throw ToolError("failed to restore \(id): \(why)", status: .failure) }
            let words = "\(id) is back" + (pin ? ", and pinned" : "")
            surroundings.show(
                output.format == .text
                    ? words : JSONValue.object([("restored", .string(id)), ("pinned", .bool(pin))]).text
            )
            return .success
        }
    }
}
