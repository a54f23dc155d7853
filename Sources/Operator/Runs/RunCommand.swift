import ArgumentParser
import CygniCommand
import CygniConfig
import CygniModel
import JobBook

/// `cygni run`.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run jobs by hand, one after the other, each behind those it comes after.",
        discussion: """
            A pause does not stop a run by hand. When a job fails, those that come after it
            are not started. Exit status 2 tells that some failed, 1 that all did.

            EXAMPLES
              cygni run metrics-rollup
              cygni run metrics-rollup log-archive --dry-run
            """
    )

    @Argument(help: "The jobs, as in metrics-rollup.")
    var jobs: [String]

    @Flag(help: "Decide everything, print the plans, change nothing.")
    var dryRun = false

    @OptionGroup var config: ConfigOption
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let environment = surroundings.environment
            let file = config.path(environment)
            let known = try ConfigFiles(shared: file, environment: environment).knownJobs(.platform)
            let chosen = try jobs.map(known.named)
            let order = try JobOrder.sorted(chosen).get()
            StopRequest.listen()
            let arguments = ["--config", file] + (dryRun ? ["--dry-run"] : [])
            var results: [RunResult] = []
            for job in order {
                let failed = results.first { result in !result.isGood && job.settings.after.contains(result.job) }
                if let failed {
                    results.append(
                        RunResult(job: job.name, reason: "not started, since '\(failed.job)' did not end well")
                    )
                    continue
                }
                if StopRequest.signal != nil { break }
                let child = try ChildJob(job.executable, environment)
                let status = try child.run(job.subcommand + arguments, ownsOutput: output.format == .text)
                results.append(RunResult(job: job.name, status: status))
            }
            results.show(surroundings, output.format)
            if let signal = StopRequest.signal { return .signal(signal) }
            return results.status
        }
    }
}

extension [RunResult] {
    /// One JSON object on stdout, or a line each on stderr, below what the jobs said.
    func show(_ surroundings: Surroundings, _ format: OutputFormat) {
        guard format == .text else { return surroundings.show(json.text) }
        for result in self where !result.isGood || count > 1 { surroundings.tell("cygni: \(result.text)") }
    }
}
