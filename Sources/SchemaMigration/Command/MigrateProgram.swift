import ArgumentParser
import CygniCommand
import CygniJobs
import CygniLog
import CygniModel
import CygniPostgres

/// A subcommand that does something.
protocol MigrateAction: ParsableCommand, Sendable {
    var common: MigrateOptions { get }
    /// - Throws: whatever ``MigrateFailure`` knows how to put into words.
    func perform(_ scene: MigrateScene) async throws -> ExitStatus
}

/// One run of one subcommand: everything it does ends in a report and an exit status.
struct MigrateProgram: Sendable {
    let surroundings: Surroundings
    let control: RunControl

    func run(_ action: some MigrateAction) async -> ExitStatus {
        let startedAt = Timestamp.wallClock()
        let options = action.common
        let isText = options.job.output == .text
        let logger = options.job.log.logger(label: "cygni-migrate", output: surroundings.standardError)
        var identity = RunIdentity(
            job: "migrate",
            host: surroundings.host,
            pid: surroundings.pid,
            version: CygniVersion.text,
            logger: logger
        )
        identity.trigger = options.job.trigger ?? surroundings.trigger
        identity.isDryRun = options.job.dryRun
        let scene = MigrateScene(
            options: options,
            surroundings: surroundings,
            control: control,
            text: MigrateText(surroundings, isShown: isText)
        )
        var status: ExitStatus
        var errors: [String] = []
        do {
            status = try await action.perform(scene)
        } catch {
            let failure = MigrateFailure(error, stoppedBy: control.reason)
            (status, errors) = (failure.status, failure.errors)
            if let failed = error as? MigrationFailure, status == .failure {
                scene.book.add(failed.file.name, failed.direction.action, .failed, reason: failed.cause.serverMessage)
            }
        }
        scene.text.rest()
        if isText {
            for line in errors.flatMap({ $0.split(separator: "\n") }) {
                surroundings.standardError.write(line: line.hasPrefix(" ") ? String(line) : "cygni-migrate: \(line)")
            }
        } else {
            let report = report(identity, status, errors, scene.book, startedAt)
            surroundings.standardOutput.write(line: report.json.text)
        }
        return status
    }

    private func report(
        _ identity: RunIdentity,
        _ status: ExitStatus,
        _ errors: [String],
        _ book: MigrateBook,
        _ startedAt: Timestamp
    ) -> RunReport {
        let entries = book.all
        var report = RunReport(
            failed: identity,
            status: status,
            errors: errors,
            startedAt: startedAt,
            finishedAt: .wallClock()
        )
        report.items = Array(entries.items.prefix(MigrateBook.itemLimit))
        report.isTruncated = entries.items.count > MigrateBook.itemLimit
        report.counts = entries.counts
        return report
    }
}
