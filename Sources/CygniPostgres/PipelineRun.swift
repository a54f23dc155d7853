import CPostgres
import Glibc

/// One batch on its way through libpq's pipeline mode (manual, 34.5).
///
/// Statements are sent without blocking, and answers read whenever there are some: were we to send only, the server would
/// stop reading when nobody took its answers, and both would wait for ever.
final class PipelineRun {
    private let session: Session
    private let entries: [Batch.Entry]
    private var connection: OpaquePointer { session.connection }

    /// What the server will answer next: one item per message that has a result.
    private enum Answer {
        case prepared(PreparedKey, String, index: Int)
        case rows(index: Int)
        case sync
    }

    private var expected: [Answer] = []
    private var nextAnswer = 0
    private var nextEntry = 0
    /// libpq holds statements that the socket had no room for.
    private var hasUnsent = false
    private var hasSentAll: Bool { nextEntry > entries.count }
    private var hasReadAll: Bool { hasSentAll && nextAnswer == expected.count }
    /// Statements that occur more than once are prepared when they come the second time, unless they were to be at once.
    private var seen: Set<PreparedKey> = []
    private var preparing: [PreparedKey: String] = [:]
    private var failure: (any Error)?
    private var failedIndex: Int?

    init(_ session: Session, _ entries: [Batch.Entry]) {
        self.session = session
        self.entries = entries
    }

    func enter() throws {
        guard PQsetnonblocking(connection, 1) == 0, PQenterPipelineMode(connection) == 1 else { throw lost() }
    }

    func leave() {
        PQexitPipelineMode(connection)
        PQsetnonblocking(connection, 0)
    }

    func run(_ take: (Int, Rows) throws -> Void) throws {
        do {
            while !hasReadAll {
                if !hasUnsent { try sendSome() }
                try flush()
                try readAvailable(take)
                if !hasReadAll { try wait() }
            }
        } catch {
            // The server's last words say more than that the connection is gone.
            throw failure ?? error
        }
        if let failure { throw failure }
    }

    // MARK: Sending

    /// Hands libpq the next statements; a few at a time, as it keeps in memory what the network does not take.
    private func sendSome() throws {
        let end = nextEntry + 64
        while nextEntry < end, !hasSentAll {
            if nextEntry == entries.count {
                guard PQpipelineSync(connection) == 1 else { throw lost() }
                expected.append(.sync)
            } else {
                try send(entries[nextEntry], at: nextEntry)
            }
            nextEntry += 1
        }
    }

    private func send(_ entry: Batch.Entry, at index: Int) throws {
        let key = PreparedKey(text: entry.statement.text, types: entry.parameters.types)
        var name = session.prepared[key] ?? preparing[key]
        if name == nil, entry.isPrepared || !seen.insert(key).inserted {
            let fresh = "cygni_\(session.prepared.count + preparing.count + 1)"
            guard PQsendPrepare(connection, fresh, key.text, Int32(key.types.count), key.types) == 1 else {
                throw lost()
            }
            expected.append(.prepared(key, fresh, index: index))
            preparing[key] = fresh
            name = fresh
        }
        let isSent = entry.parameters.withPointers { types, values, lengths, formats in
            guard let name else {
                return PQsendQueryParams(
                    connection,
                    entry.statement.text,
                    entry.parameters.count,
                    types,
                    values,
                    lengths,
                    formats,
                    1
                )
            }
            return PQsendQueryPrepared(connection, name, entry.parameters.count, values, lengths, formats, 1)
        }
        guard isSent == 1 else { throw lost() }
        expected.append(.rows(index: index))
    }

    /// Pushes what libpq holds into the socket, as far as there is room.
    private func flush() throws {
        let rest = PQflush(connection)
        guard rest >= 0 else { throw lost() }
        hasUnsent = rest == 1
    }

    /// Waits for answers, or for room to send; not at all when there is room and something to send.
    private func wait() throws {
        var descriptor = pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
        if hasUnsent { descriptor.events |= Int16(POLLOUT) }
        // Bytes that OpenSSL has decrypted ahead do not show on the socket.
        let patience: Int32 = PQsslInUse(connection) == 1 ? 20 : -1
        _ = poll(&descriptor, 1, !hasUnsent && !hasSentAll ? 0 : patience)
        guard PQconsumeInput(connection) == 1 else { throw lost() }
    }

    // MARK: Reading

    private func readAvailable(_ take: (Int, Rows) throws -> Void) throws {
        while nextAnswer < expected.count, PQisBusy(connection) == 0 {
            // A nil ends the results of one statement.
            guard let result = PQgetResult(connection) else {
                guard session.isUsable else { throw lost() }
                continue
            }
            let answer = expected[nextAnswer]
            nextAnswer += 1
            try receive(result, answer, take)
        }
    }

    private func receive(_ result: OpaquePointer, _ answer: Answer, _ take: (Int, Rows) throws -> Void) throws {
        switch (PQresultStatus(result), answer) {
        case (PGRES_PIPELINE_SYNC, _), (PGRES_PIPELINE_ABORTED, _):
            PQclear(result)
        case (PGRES_COMMAND_OK, .prepared(let key, let name, _)):
            PQclear(result)
            session.prepared[key] = name
            preparing[key] = nil
        case (_, .rows(let index)):
            note(at: index) { try take(index, try session.rows(of: result, entries[index].statement.name)) }
        case (_, .prepared(_, _, let index)):
            note(at: index) { _ = try session.rows(of: result, entries[index].statement.name) }
        case (_, .sync):
            PQclear(result)
        }
    }

    /// Keeps the first error and lets the batch come to its end: the connection must not be left in the middle.
    private func note(at index: Int, _ body: () throws -> Void) {
        do {
            try body()
        } catch var error as PostgresError where error.kind != .client {
            error.batchPlace = .init(index: index, aborted: entries.count - index - 1)
            if failure == nil { failure = error }
        } catch {
            if failure == nil { failure = error }
        }
    }

    private func lost() -> PostgresError {
        let index = min(nextEntry, entries.count - 1)
        return PostgresError(result: nil, connection: connection, statement: entries[index].statement.name)
    }
}
