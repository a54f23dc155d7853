import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes
import Logging
import Synchronization

/// Puts together what comes in at the same time: requests wait here, bounded by bytes, and are answered when the transaction that
/// has their rows is committed.
final class IngestQueue: Sendable {
    struct Lane: Hashable, Sendable {
        let tenant: UUID
        let table: IngestRows.Table
    }

    private struct Ticket {
        let request: IngestRequest
        let continuation: CheckedContinuation<Reply, any Error>
    }

    private struct State {
        var lanes: IngestLanes<Lane>
        var tickets: [Int: Ticket] = [:]
        var count = 0
        var isClosed = false
    }

    private let state: Mutex<State>
    private let writer: IngestWriter

    /// - Parameter limit: bytes of bodies.
    init(_ database: ServerDatabase, days: DayBook, limit: Int) {
        // Half of the pool is left to those who read.
        let writers = max(1, database.size / 2)
        let limits = IngestLanes<Lane>.Limits(
            bytes: limit,
            laneBytes: limit / 2,
            writers: writers,
            laneWriters: max(1, writers - 1)
        )
        state = Mutex(State(lanes: IngestLanes(limits)))
        writer = IngestWriter(database: database, days: days)
    }

    /// Looked at before a body is read into rows, which costs.
    ///
    /// - Throws: ``Problem`` of kind `queue-full`.
    func demandRoom(for size: Int, in lane: Lane) throws {
        guard state.withLock({ $0.lanes.hasRoom(for: size, in: lane) }) else { throw Self.full }
    }

    /// Returns when the rows are committed.
    ///
    /// - Throws: ``Problem`` of kind `queue-full`; `CancellationError`, after which they may or may not be.
    func write(_ request: IngestRequest, in lane: Lane) async throws -> Reply {
        let id = state.withLock { state in
            state.count += 1
            return state.count
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if let refusal = enter(id, Ticket(request: request, continuation: continuation), lane) {
                    continuation.resume(throwing: refusal)
                }
                pump()
            }
        } onCancel: {
            state.withLock { state in
                _ = state.lanes.remove(id, from: lane)
                return state.tickets.removeValue(forKey: id)
            }?.continuation.resume(throwing: CancellationError())
        }
    }

    /// What waits, and what is being written, is answered 503 from now on. Whether the latter is committed the client finds out by
    /// its Idempotency-Key.
    func close() {
        let rest = state.withLock { state in
            state.isClosed = true
            defer { state.tickets = [:] }
            return state.tickets.values
        }
        for ticket in rest { ticket.continuation.resume(throwing: Self.stopping) }
    }

    /// Bytes that wait or are being written.
    var bytes: Int { state.withLock { $0.lanes.bytes } }

    private func enter(_ id: Int, _ ticket: Ticket, _ lane: Lane) -> (any Error)? {
        state.withLock { state in
            if state.isClosed { return Self.stopping }
            // A cancellation that came before the ticket found nothing.
            if Task.isCancelled { return CancellationError() }
            let request = ticket.request
            let key = request.duplicate?.key
            let entry = IngestLanes<Lane>.Entry(id: id, rows: request.rows.count, bytes: request.bytes, key: key)
            guard state.lanes.add(entry, to: lane) else { return Self.full }
            state.tickets[id] = ticket
            return nil
        }
    }

    /// Begins as many batches as there are writers for.
    private func pump() {
        while true {
            let found = state.withLock { state -> (IngestLanes<Lane>.Batch, [Int: IngestRequest])? in
                guard let batch = state.lanes.next() else { return nil }
                let requests = batch.entries.compactMap { entry in
                    state.tickets[entry.id].map { (entry.id, $0.request) }
                }
                return (batch, Dictionary(uniqueKeysWithValues: requests))
            }
            guard let (batch, requests) = found else { return }
            Task {
                let results = await writer.write(requests, batch.lane)
                finish(batch, results)
                pump()
            }
        }
    }

    private func finish(_ batch: IngestLanes<Lane>.Batch, _ results: [Int: Result<Reply, any Error>]) {
        let answered = state.withLock { state in
            state.lanes.finish(batch)
            return results.compactMap { id, result in state.tickets.removeValue(forKey: id).map { ($0, result) } }
        }
        for (ticket, result) in answered { ticket.continuation.resume(with: result) }
    }

    private static let full = Problem(
        .queueFull,
        "what came before is still being written",
        headers: [.retryAfter: "1"]
    )
    private static let stopping = Problem(.unavailable, "the server is being stopped", headers: [.retryAfter: "1"])
}

/// One request's rows on their way.
struct IngestRequest: Sendable {
    let rows: IngestRows
    /// Of its body, unpacked.
    let bytes: Int
    /// nil: it came without an Idempotency-Key.
    let duplicate: DuplicateGuard?
}
