import ArgumentParser
import CygniCommand
import CygniModel
import CygniPostgres
import JobBook

/// `cygni resume`.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "End the pause of a job; its schedule starts it again from the next slot.",
        discussion: """
            EXAMPLES
              cygni resume metrics-rollup
              cygni resume metrics-rollup && cygni cycle
            """
    )

    @Argument(help: "The job, as in metrics-rollup.")
    var job: String

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let job = try database.job(job, surroundings)
            let actor = surroundings.actor
            let connection = try await database.connect(surroundings)
            let ended = try await connection.transaction(.readCommitted, attempts: 3) { session in
                try PauseBook.resume(job, by: actor, in: session)
            }
            await connection.close()
            if output.format == .json {
                surroundings.show(ended?.json(job, false).text ?? JSONValue.object([("job", .string(job))]).text)
            } else {
                surroundings.show(ended.map { "\(job) goes on; it was \($0)" } ?? "\(job) is not paused")
            }
            return .success
        }
    }
}
