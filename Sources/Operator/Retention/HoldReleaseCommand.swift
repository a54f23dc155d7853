import ArgumentParser
import CygniCommand
import CygniModel
import CygniPostgres
import FoundationEssentials

/// `cygni retention hold release`.
struct HoldReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Lift a hold that somebody else set.",
        discussion: """
            EXAMPLES
              cygni retention hold release 0b1c9c52-0f5c-4d0e-9a52-3a9c4c6b7d10
            """
    )

    @Argument(help: "The hold's id, as `cygni retention hold list` shows it.")
    var id: String

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard UUID(uuidString: id) != nil else { throw ValidationError("'\(id)' is not the id of a hold") }
    }

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let connection = try await database.connect(surroundings)
            let (id, actor) = (id.lowercased(), surroundings.actor)
            try await connection.transaction { session in
                _ = try session.query(RetentionQuestion.statements["release_hold"], id, actor)
            }
            await connection.close()
            let report = JSONValue.object([("id", .string(id)), ("released_by", .string(actor))])
            surroundings.show(output.format == .json ? report.text : "hold \(id) is released")
            return .success
        }
    }
}
