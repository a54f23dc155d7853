import ArgumentParser
import CygniCommand
import CygniJobs
import CygniModel
import CygniPostgres
import JobBook

/// `cygni runs`.
struct RunsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "Show the latest runs, and the ones that should have been.",
        discussion: """
            A slot of the schedule that no run came for is told as never started. Pauses
            that stand are told first.

            EXAMPLES
              cygni runs
              cygni runs metrics-rollup --last 50
              cygni runs --output json
            """
    )

    @Argument(help: "Only this job's.")
    var job: String?

    @Option(help: "How many at most.")
    var last = 20

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private static let statements = StatementFile("runs", PackageResources.runs_sql)

    func validate() throws {
        guard (1...10_000).contains(last) else { throw ValidationError("--last must be from 1 to 10000") }
    }

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let files = ConfigFiles(
                shared: database.config.path(surroundings.environment),
                environment: surroundings.environment
            )
            let known = try files.knownJobs(.platform)
            let job = try job.map { try known.named($0).name }
            let connection = try await database.connect(surroundings)
            let (runs, pauses) = try await connection.access { session in
                let pauses = try session.query(Self.statements["pauses"]).map { row in
                    (job: try row.get("job", as: String.self), pause: try JobPause(row))
                }
                let rows = try session.query(Self.statements["recent"], job, last)
                let unknown = try unnoted(known.filter { job == nil || $0.name == job }, session)
                return (unknown + (try rows.map(RunLine.init)), pauses.filter { job == nil || $0.job == job })
            }
            await connection.close()
            if output.format == .json {
                let paused = pauses.map { pause in
                    JSONValue.object([
                        ("job", .string(pause.job)), ("since", .string(pause.pause.since.rfc3339)),
                        ("until", .optional(pause.pause.until?.rfc3339)), ("actor", .string(pause.pause.actor)),
                        ("why", .string(pause.pause.why)),
                    ])
                }
                let report = JSONValue.object([("pauses", .array(paused)), ("runs", .array(runs.map(\.json)))])
                surroundings.show(report.text)
            } else {
                for pause in pauses { surroundings.show("\(pause.job) is \(pause.pause)") }
                surroundings.show(RunLine.table(runs, TextStyle(surroundings)))
            }
            return .success
        }
    }

    /// Of jobs whose schedule nothing has ever followed, or not for so long that the notes end: the newest slot.
    private func unnoted(_ jobs: [KnownJob], _ session: Session) throws -> [RunLine] {
        let now = try session.query(Self.statements["now"])[0].get("now", as: Timestamp.self)
        return try jobs.compactMap { job in
            guard let schedule = job.schedule,
                let due = schedule.slots.newest(through: now - schedule.startGrace, limit: 1).first
            else { return nil }
            let row = try session.query(Self.statements["newest_known"], job.name, schedule.text)[0]
            let known = try row.get("slot", as: Timestamp?.self)
            return known.map { $0 >= due } ?? false ? nil : RunLine(neverStarted: job.name, due)
        }
    }
}
