import CygniModel
import CygniPostgres

/// Tries a run again when the server goes away in the middle of it, as a restart or a failover makes it.
///
/// That is safe because a run decides from the ledger alone: a COMMIT whose answer was lost shows there or it does not.
struct Reconnecting {
    let events: MigrationEvents
    /// How long the server may be away.
    var patience: Duration = .seconds(60)

    func run(
        _ body: (inout RunState) async throws -> Void
    ) async throws -> [MigrationFile] {
        var state = RunState()
        var wasThere = false
        var deadline = ContinuousClock.now + patience
        var pause = Duration.milliseconds(100)
        while true {
            let before = state.done.count
            do {
                try await body(&state)
                return state.done
            } catch {
                guard let loss = Self.loss(in: error), wasThere || loss.kind != .connect else { throw error }
                if state.done.count > before {
                    deadline = ContinuousClock.now + patience
                    pause = .milliseconds(100)
                }
                guard ContinuousClock.now < deadline else { throw error }
                wasThere = true
                events.isReconnecting(loss)
                try events.checkpoint()
                try await Task.sleep(for: pause * Double.random(in: 0.8...1.2))
                pause = min(pause * 2, .seconds(5))
            }
        }
    }

    /// The loss of the server behind an error; nil when it is there and said no.
    private static func loss(in error: any Error) -> PostgresError? {
        let cause = (error as? MigrationFailure)?.cause ?? error as? PostgresError
        guard let cause else { return nil }
        switch cause.kind {
        case .connect, .connectionLost: return cause
        // The server is going down or still coming up.
        case .server where ["57P01", "57P02", "57P03"].contains(cause.sqlState): return cause
        default: return nil
        }
    }
}

/// What a run has done so far, over all its connections.
struct RunState {
    var done: [MigrationFile] = []
    /// The file that was begun and has not ended, as far as this process knows.
    var inHand: MigrationFile?

    mutating func finished(
        _ file: MigrationFile,
        _ direction: Direction,
        _ duration: Duration,
        _ events: MigrationEvents
    ) {
        inHand = nil
        done.append(file)
        events.didRun(file, direction, duration)
    }

    /// After a lost connection: a file in hand that is no longer to be done was committed, and only the answer was lost.
    mutating func settle(_ direction: Direction, pending: [MigrationFile], _ events: MigrationEvents) {
        guard let file = inHand else { return }
        inHand = nil
        if !pending.contains(where: { $0.version == file.version }) { finished(file, direction, .zero, events) }
    }
}
