import CygniCommand
import CygniJobs
import CygniLog
import CygniModel
import CygniPostgres
import Logging
import Synchronization

/// What a subcommand works with: its options, the process around it, and where to say what it did.
struct MigrateScene: Sendable {
    let options: MigrateOptions
    let surroundings: Surroundings
    let control: RunControl
    let book = MigrateBook()
    let text: MigrateText

    /// Runs `work` under the deadline and the signals.
    func supervise(
        _ target: MigrateTarget,
        _ work: @escaping @Sendable () async throws -> ExitStatus
    ) async throws -> ExitStatus {
        let status = Mutex(ExitStatus.success)
        let supervision = Supervision(
            control: control,
            clock: .system,
            deadline: target.run.timeout,
            settings: target.run
        )
        let ending = await supervision.run {
            let result = try await work()
            status.withLock { $0 = result }
        }
        switch ending {
        case .returned: return status.withLock { $0 }
        case .threw(let error): throw error
        case .abandoned: throw CancellationError()
        }
    }

    /// The migrator for the files and the database that the flags name; it connects while the files are read.
    ///
    /// - Parameter isReadOnly: what it does first needs no more.
    func migrator(_ target: MigrateTarget, isReadOnly: Bool) throws -> Migrator {
        var first = Migrator.connectionOptions(target.connection, target.patience)
        first.isReadOnly = isReadOnly
        let early = EarlyConnection(first)
        do {
            var migrator = migrator(try options.load(), target)
            migrator.early = early
            return migrator
        } catch {
            early.abandon()
            throw error
        }
    }

    private func migrator(_ set: MigrationSet, _ target: MigrateTarget) -> Migrator {
        var migrator = Migrator(set: set, options: target.connection, toolVersion: CygniVersion.text)
        migrator.wait = target.wait
        migrator.limit = options.job.limit
        migrator.retries = target.run.retries
        migrator.patience = target.patience
        migrator.crashPoints = CrashPoints(surroundings.environment["CYGNI_CRASH_AT"])
        migrator.events = events(
            options.job.log.logger(
                label: "cygni-migrate",
                settings: target.log,
                output: surroundings.standardError
            )
        )
        return migrator
    }

    private func events(_ logger: Logger) -> MigrationEvents {
        let (control, book, text) = (control, book, text)
        var events = MigrationEvents()
        events.checkpoint = { if control.reason != nil { throw CancellationError() } }
        events.isWaiting = { holder in
            let who = holder.map { "\($0)" } ?? "another run"
            logger.notice("waiting for another migration to end", metadata: .init([.holder: who]))
        }
        events.isOutOfLuck = { file, blockers, pause in
            let who = blockers.isEmpty ? "another session" : blockers.map(\.description).joined(separator: "; ")
            logger.notice(
                "a lock was not had, trying again in \(pause.brief)",
                metadata: .init([.file: file.name, .holder: who])
            )
        }
        events.isReconnecting = { error in
            logger.warning("the server went away, connecting again", metadata: .init([.error: "\(error)"]))
        }
        events.noticed = { severity, message, file in
            let level: Logger.Level = severity == "WARNING" ? .warning : .info
            logger.log(level: level, "\(message)", metadata: .init([.file: file.name]))
        }
        events.willRun = { file, direction in text.began(file, direction) }
        events.didRun = { file, direction, duration in
            book.add(file.name, direction.action, .done)
            text.ended(file, direction, duration)
        }
        return events
    }
}

extension Direction {
    /// As reports have it.
    var action: String { self == .up ? "apply" : "revert" }
}
