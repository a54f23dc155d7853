import ArgumentParser
import CygniCommand
import CygniConfig
import CygniJobs
import CygniModel
import CygniPostgres
import JobBook

/// `cygni cycle`.
struct CycleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cycle",
        abstract: "Run all that is due and that nothing has run, by each job's catch_up, in order.",
        discussion: """
            For a host that was down, or instead of a line in the crontab for each job. A
            slot that has its run is left alone, on whichever host that was.

            EXAMPLES
              cygni cycle
              cygni cycle --dry-run
              */5 * * * * cygni cycle
            """
    )

    @Flag(help: "Print what is due, run nothing.")
    var dryRun = false

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private static let statements = StatementFile("runs", PackageResources.runs_sql)

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let environment = surroundings.environment
            let file = database.config.path(environment)
            let known = try ConfigFiles(shared: file, environment: environment).knownJobs(.platform)
            let due = try await due(JobOrder.sorted(known).get(), surroundings)
            if dryRun {
                let planned = due.map { RunResult(job: $0.job.name, slot: $0.slot, reason: "due") }
                if output.format == .json { surroundings.show(planned.json.text) }
                if output.format == .text { surroundings.show(Self.plan(planned)) }
                return .success
            }
            StopRequest.listen()
            var results: [RunResult] = []
            for (job, slot) in due where StopRequest.signal == nil {
                let arguments = ["--config", file, "--trigger", "cycle", "--slot", slot.rfc3339]
                let child = try ChildJob(job.executable, environment)
                let status = try child.run(job.subcommand + arguments, ownsOutput: output.format == .text)
                results.append(RunResult(job: job.name, slot: slot, status: status))
            }
            results.show(surroundings, output.format)
            if results.isEmpty, output.format == .text { surroundings.show("nothing is due\n") }
            if let signal = StopRequest.signal { return .signal(signal) }
            return results.status
        }
    }

    private static func plan(_ planned: [RunResult]) -> String {
        planned.isEmpty ? "nothing is due\n" : planned.map { "\($0.text)\n" }.joined()
    }

    private func due(
        _ jobs: [KnownJob],
        _ surroundings: Surroundings
    ) async throws -> [(job: KnownJob, slot: Timestamp)] {
        let connection = try await database.connect(surroundings)
        let due = try await connection.access { session in
            let now = try session.query(Self.statements["now"])[0].get("now", as: Timestamp.self)
            return try jobs.flatMap { job -> [(job: KnownJob, slot: Timestamp)] in
                guard let schedule = job.schedule else { return [] }
                // So that a job which nothing else ever starts is expected, too.
                if !dryRun, let newest = schedule.slots.newest(through: now, limit: 1).first {
                    try JobSlots.note(schedule, of: job.name, own: newest, in: session)
                }
                let rows = try session.query(Self.statements["slot_facts"], job.name, now, schedule.text)
                let known = try rows.map {
                    (try $0.get("slot", as: Timestamp.self), try $0.get("is_taken", as: Bool.self))
                }
                let slots = DueSlots.of(
                    schedule,
                    job.settings.catchUp,
                    known: Dictionary(known) { $0 || $1 },
                    now: now
                )
                return slots.map { (job, $0) }
            }
        }
        await connection.close()
        return due
    }
}
