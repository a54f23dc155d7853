package import ArgumentParser
import CygniConfig
import CygniJobs
import CygniLog
import CygniModel
import FoundationEssentials
import Glibc
import Logging

/// The command of one job: joins flags, settings files and the runner, and maps the result to an exit status.
package struct JobProgram<Command: JobCommand>: AsyncParsableCommand {
    @OptionGroup var job: JobOptions
    @OptionGroup var own: Command.Options

    package init() {}

    private static var executable: String { Command.words.joined(separator: " ") }

    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Command.words.last,
            abstract: Command.abstract,
            discussion: discussion,
            version: "\(executable) \(CygniVersion.text)"
        )
    }

    private static var discussion: String {
        let examples =
            Command.examples + [
                ("\(executable) --dry-run", "print what would be done, and why"),
                ("\(executable) --output json", "print the report for a program"),
            ]
        let statuses = """
            Exit status: 0 done or nothing to do, 1 failed, 2 partly done, 64 wrong usage, 69 database unreachable, \
            75 runs elsewhere, 78 wrong configuration, 124 deadline passed, 128+n stopped by signal n.
            """
        return "Examples:\n" + examples.map { "  \($0.line)\n      \($0.effect)" }.joined(separator: "\n") + "\n\n"
            + statuses
    }

    /// As a subcommand of another tool.
    package func run() async throws {
        let control = RunControl()
        let signals = SignalListener(control)
        let status = try await run(.current(), control)
        withExtendedLifetime(signals) {}
        throw ExitCode(status.code)
    }

    static func start() async -> Never {
        let control = RunControl()
        // First of all: a signal that comes while settings are read must stop the run that follows.
        let signals = SignalListener(control)
        let surroundings = Surroundings.current()
        do {
            let program = try parse()
            let status = try await program.run(surroundings, control)
            withExtendedLifetime(signals) {}
            Glibc.exit(status.code)
        } catch {
            // Help and version go to stdout with 0; wrong usage to stderr with 64.
            exit(withError: error)
        }
    }

    /// - Throws: what ArgumentParser knows how to report, from ``JobCommand/makeJob(_:_:)``.
    func run(_ surroundings: Surroundings, _ control: RunControl) async throws -> ExitStatus {
        let startedAt = Timestamp.wallClock()
        var run = RunIdentity(
            job: Command.Work.name,
            host: surroundings.host,
            pid: surroundings.pid,
            version: CygniVersion.text,
            logger: job.log.logger(label: Self.executable, output: surroundings.standardError)
        )
        if let id = job.runID.flatMap(UUID.init(uuidString:)) { run.id = id }
        run.trigger = job.trigger ?? surroundings.trigger
        run.slot = job.slot.flatMap { Timestamp(parsing: $0) }
        run.limit = job.limit
        run.isDryRun = job.dryRun || Command.isDryRun(own)
        run.crashPoints = CrashPoints(surroundings.environment["CYGNI_CRASH_AT"])
        let configuration: JobConfiguration<Command.Settings>
        do {
            configuration = try load(surroundings.environment)
        } catch {
            let faults = error.problems.map(\.description)
            switch job.output {
            case .text: for fault in faults { surroundings.standardError.write(line: fault) }
            case .json: run.logger.error("wrong configuration", metadata: .init([.error: "\(error)"]))
            }
            return finish(
                RunReport(
                    failed: run,
                    status: .configuration,
                    errors: job.output == .text ? ["wrong configuration, nothing was opened"] : faults,
                    startedAt: startedAt,
                    finishedAt: .wallClock()
                ),
                surroundings
            )
        }
        run.configText = configuration.canonicalText
        run.logger = job.log.logger(
            label: Self.executable,
            settings: configuration.shared.settings.log,
            output: surroundings.standardError
        )
        run.logger[.job] = run.job
        run.logger[.runID] = run.id.text
        let work: Command.Work
        do {
            work = try Command.makeJob(
                configuration.job.settings.own,
                configuration.shared.settings,
                own
            )
        } catch let error as JobFailure {
            return finish(
                RunReport(
                    failed: run,
                    status: error.status,
                    errors: [error.description],
                    startedAt: startedAt,
                    finishedAt: .wallClock()
                ),
                surroundings
            )
        }
        let draws = job.output == .text && surroundings.canDraw
        let runner = JobRunner(
            job: work,
            run: run,
            settings: RunSettings(configuration, applicationName: Self.executable),
            control: control,
            progress: draws ? Progress(output: surroundings.standardError) : nil
        )
        return finish(await runner(), surroundings)
    }

    private func load(_ environment: [String: String]) throws(ConfigErrors) -> JobConfiguration<Command.Settings> {
        let shared = job.config.path(environment)
        let own = job.jobFile(of: Command.Work.name, beside: shared)
        return try JobConfiguration(
            Command.Settings.self,
            sharedFile: shared,
            jobFile: own.path,
            hasJobFile: own.isRequired || access(own.path, F_OK) == 0,
            environment: environment
        )
    }

    private func finish(_ report: RunReport, _ surroundings: Surroundings) -> ExitStatus {
        let fault = surroundings.standardOutput.write(line: job.output == .json ? report.json.text : report.text)
        // A reader that went away has seen what it wanted; a full disk has swallowed the report.
        guard fault != 0, fault != EPIPE else { return report.exitStatus }
        surroundings.standardError.write(
            line:
                "failed to write the report to standard output: \(String(cString: strerror(fault))); the run itself: \(report.outcome.rawValue)"
        )
        return report.exitStatus == .success ? .failure : report.exitStatus
    }
}
