import ArgumentParser
import CygniCommand
import CygniConfig
import CygniJobs
import CygniModel
import CygniPostgres
import JobBook

/// `cygni why`.
struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Tell why a job did not run, or what became of its run: one answer, and what to do.",
        discussion: """
            Without --at the newest slot of its schedule is meant. A time without Z or an
            offset is read by the clock of the job's time zone.

            EXAMPLES
              cygni why metrics-rollup
              cygni why metrics-rollup --at 2026-03-29T02:30
              cygni why metrics-rollup --at 2026-03-29T00:30:00Z --output json
            """
    )

    @Argument(help: "The job, as in metrics-rollup.")
    var job: String

    @Option(help: ArgumentHelp("The moment at which it should have run (default: now).", valueName: "time"))
    var at: String?

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let environment = surroundings.environment
            let files = ConfigFiles(shared: database.config.path(environment), environment: environment)
            let known: [KnownJob]
            do throws(ConfigErrors) {
                known = try files.knownJobs(.platform)
            } catch {
                // That is the answer: with these files no run gets further.
                show(Self.invalid(error), nil, surroundings)
                return .success
            }
            let job = try known.named(job)
            let connection = try await database.connect(surroundings)
            let facts = try await connection.transaction(.snapshot) { [at] session in
                try WhyReader(job: job, at: at).facts(session)
            }
            await connection.close()
            show(WhyAnswer(facts), facts, surroundings)
            return .success
        }
    }

    private static func invalid(_ errors: ConfigErrors) -> WhyAnswer {
        let faults = errors.problems.map(\.description).joined(separator: "\n")
        return WhyAnswer(
            code: .configInvalid,
            words: "its configuration is wrong, so that its runs end with 78:\n\(faults)",
            next: "cygni config check"
        )
    }

    private func show(_ answer: WhyAnswer, _ facts: WhyFacts?, _ surroundings: Surroundings) {
        let slot = facts?.slot
        guard output.format == .text else {
            let report = JSONValue.object([
                ("job", .string(job)), ("slot", .optional(slot?.rfc3339)), ("answer", .string(answer.code.rawValue)),
                ("words", .string(answer.words)), ("next", .optional(answer.next)),
            ])
            return surroundings.show(report.text)
        }
        let place = slot.map { ", slot \($0.rfc3339)" } ?? ""
        surroundings.show("\(job)\(place): \(answer.words)")
        if let next = answer.next { surroundings.show("next: \(next)") }
    }
}
