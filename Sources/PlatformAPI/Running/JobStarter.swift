import CygniJobs
import CygniLog
import CygniModel
import FoundationEssentials
import JobBook
import Logging
import Synchronization

/// Starts jobs on the server's host when somebody asks for a run now. That no two runs of a job are at it at once is the
/// affair of the job's own lock.
final class JobStarter: Sendable {
    /// What came of it.
    enum Outcome: Sendable {
        /// The run's row stands in the ledger, or will soon.
        case started
        /// It ended before it opened its books; why, as it told.
        case refused(String)
    }

    /// How long whoever asks waits for the run's row.
    private static let patience = Duration.seconds(10)

    private let files: ConfigFiles
    /// Jobs of which a run that was started here is under way.
    private let underWay = Mutex<Set<String>>([])

    init(files: ConfigFiles) {
        self.files = files
    }

    /// - Parameters:
    ///   - isOpen: whether the run's row stands in the ledger.
    /// - Throws: ``JobFailure`` or ``ChildRun/Failure`` when there is nothing to start, ``Problem`` when one that was started here is under way, and
    ///   what `isOpen` throws.
    func start(
        _ job: KnownJob,
        as run: UUID,
        _ logger: Logger,
        isOpen: @escaping @Sendable () async throws -> Bool
    ) async throws -> Outcome {
        let executable = try JobExecutable(job.executable, files.environment)
        let words =
            [executable.path] + job.subcommand + [
                "--config", files.shared, "--trigger", "api", "--run-id", run.text,
                "--output", "json",
            ]
        guard underWay.withLock({ $0.insert(job.name).inserted }) else {
            throw Problem(.conflict, "a run of \(job.name) that was started here is under way")
        }
        let child: ChildRun
        do {
            child = try ChildRun(words)
        } catch {
            underWay.withLock { _ = $0.remove(job.name) }
            throw error
        }
        // Outlives the request: whoever starts a process waits for its end.
        let end = ChildEnd()
        Task { [self] in
            let ending = await child.ending()
            underWay.withLock { _ = $0.remove(job.name) }
            end.note(ending)
            logger.notice(
                "a run that was asked for has ended",
                metadata: .init([
                    .job: job.name, .runID: run.text, .exitStatus: "\(ending.status)",
                ])
            )
        }
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline {
            if let ending = end.ending {
                return try await isOpen() ? .started : .refused(Self.words(ending, job.name))
            }
            if try await isOpen() { return .started }
            try await Task.sleep(for: .milliseconds(50))
        }
        return .started
    }

    /// What the process told of why it did nothing.
    static func words(_ ending: ChildRun.Ending, _ job: String) -> String {
        let report = try? JSONInput(parsing: ending.output)
        let errors = report?["errors"]?.items?.compactMap(\.text) ?? []
        let told = ([report?["reason"]?.text].compactMap { $0 } + errors).joined(separator: "; ")
        return "\(job) ended with status \(ending.status)"
            + (told.isEmpty ? "; the server's log may tell why" : ": \(told)")
    }
}

/// How a child ended, once it has.
private final class ChildEnd: Sendable {
    private let known = Mutex<ChildRun.Ending?>(nil)
    var ending: ChildRun.Ending? { known.withLock { $0 } }
    func note(_ ending: ChildRun.Ending) { known.withLock { $0 = ending } }
}
