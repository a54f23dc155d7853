import CygniModel
import CygniPostgres

/// Tries a run again when the server goes away in the middle of it, as a restart or a failover makes it.
///
/// That is safe because a run decides from the ledger alone: a COMMIT whose answer was lost shows there or it does not.
struct Reconnecting {
    /// How often in a row; what was done in between starts the count anew.
    let retries: Int
    let events: MigrationEvents

    func run(
        _ body: (inout RunState) async throws -> Void
    ) async throws -> [MigrationFile] {
        var state = RunState()
        var wasThere = false
        var attempt = 0
        while true {
            let before = state.done.count
            do {
                try await body(&state)
                return state.done
            } catch {
                // A server that was never there is more likely misspelt than restarting.
                guard let loss = Self.loss(in: error), wasThere || loss.kind != .connect else { throw error }
                attempt = state.done.count > before ? 1 : attempt + 1
                guard attempt <= retries else { throw error }
                wasThere = true
                events.isReconnecting(loss)
                try events.checkpoint()
                let longest = Duration.seconds(min(30, 1 << attempt))
                try await Task.sleep(for: longest * Double.random(in: 0.5...1))
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
