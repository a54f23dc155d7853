import ArgumentParser
import CygniCommand
import CygniModel
import CygniPostgres
import JobBook

/// `cygni pause`.
struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Let no schedule start a job, on any host, until it is resumed.",
        discussion: """
            Its scheduled runs end with status 75 and say who paused it and why. A run that
            is under way goes on; a run by hand is not stopped. The audit log keeps it.

            EXAMPLES
              cygni pause metrics-rollup --why "disk of db1 is full"
              cygni pause metrics-rollup --why "migration of the week" --for 2h
            """
    )

    @Argument(help: "The job, as in metrics-rollup.")
    var job: String

    @Option(help: "What the next person on call should know.")
    var why: String

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("End by itself after this time, as in 2h.", valueName: "duration")
    )
    var length: String?

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try Reason.check(why: why, length: length)
    }

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let job = try database.job(job, surroundings)
            let (length, why) = (length.flatMap { Duration(parsing: $0)?.microseconds }, why)
            let actor = surroundings.actor
            let connection = try await database.connect(surroundings)
            let (pause, isNew) = try await connection.transaction(.readCommitted, attempts: 3) { session in
                try PauseBook.pause(job, for: length, why: why, by: actor, in: session)
            }
            await connection.close()
            let words = isNew ? "\(job) is \(pause)" : "\(job) is already \(pause)"
            surroundings.show(output.format == .json ? pause.json(job, isNew).text : words)
            return .success
        }
    }
}
