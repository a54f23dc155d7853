import CygniModel
import CygniPostgres

/// Runs a file again when it could not have a lock in time.
struct LockRetry: Sendable {
    let patience: LockPatience
    let options: ConnectionOptions
    let events: MigrationEvents

    /// - Parameter connection: the one that the attempt works on.
    /// - Throws: the last ``MigrationFailure``, with who was in the way.
    func run<Result: Sendable>(
        _ file: MigrationFile,
        on connection: Connection,
        _ attempt: @Sendable () async throws -> Result
    ) async throws -> Result {
        let start = ContinuousClock.now
        var watch: LockWatch?
        var number = 1
        while true {
            do {
                let result: Result
                if let watch { result = try await watch.during(attempt) } else { result = try await attempt() }
                await watch?.close()
                return result
            } catch var failure as MigrationFailure where failure.isForWantOfALock {
                let pause = patience.pause(after: number, chance: .random(in: 0...1))
                let blockers = watch?.blockers ?? []
                let waited = ContinuousClock.now - start
                guard waited + pause <= patience.retry else {
                    await watch?.close()
                    failure.aftermath += Self.words(number, waited, blockers)
                    throw failure
                }
                events.isOutOfLuck(file, blockers, pause)
                try events.checkpoint()
                try await Task.sleep(for: pause)
                if watch == nil { watch = try await openWatch(connection) }
                number += 1
            } catch {
                await watch?.close()
                throw error
            }
        }
    }

    private func openWatch(_ connection: Connection) async throws -> LockWatch {
        let backend = try await connection.access { $0.announcedBackend }
        var options = options
        options.isReadOnly = true
        return try await LockWatch(options, of: backend)
    }

    private static func words(_ attempts: Int, _ waited: Duration, _ blockers: [LockBlocker]) -> [String] {
        let tries =
            "tried \(attempts) time\(attempts == 1 ? "" : "s") in \(Duration.seconds(waited.components.seconds).text)"
        return ["\(tries); longer with --lock-retry"] + blockers.map { "in the way: \($0)" }
    }
}
