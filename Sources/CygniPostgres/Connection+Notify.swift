import CPostgres
import Dispatch
import Glibc

extension Connection {
    /// A message of NOTIFY (manual, NOTIFY).
    package struct Notification: Hashable, Sendable {
        package let channel: String
        package let payload: String
        /// The backend that sent it.
        package let backend: Int
    }

    /// Subscribes to a channel for as long as the connection lives.
    package func listen(_ channel: String) async throws {
        try await access { session in try session.script("LISTEN \(try session.quoted(channel))", name: "listen") }
    }

    package func unlisten(_ channel: String) async throws {
        try await access { session in try session.script("UNLISTEN \(try session.quoted(channel))", name: "unlisten") }
    }

    /// Waits for the next notification; the connection can be used meanwhile.
    ///
    /// - Parameter timeout: nil waits without end.
    /// - Returns: nil when the time is up.
    /// - Throws: `CancellationError`; ``PostgresError`` of kind `connectionLost`, after which notifications may be missing.
    package func nextNotification(timeout: Duration? = nil) async throws -> Notification? {
        let deadline = timeout.map { ContinuousClock.now + $0 }
        while true {
            try Task.checkCancellation()
            guard let session else { throw PostgresError(.connectionLost, "the connection is closed") }
            let isAlive = PQconsumeInput(session.connection) == 1
            collectNotifications(session)
            if !notifications.isEmpty { return notifications.removeFirst() }
            guard isAlive, session.isUsable else { throw session.lostError }
            if let deadline, ContinuousClock.now >= deadline { return nil }
            try await waitForInput(session, until: deadline)
        }
    }

    /// Takes what libpq has read on the way, in an access or while waiting, and wakes who waits for it.
    func collectNotifications(_ session: Session) {
        while let message = PQnotifies(session.connection) {
            notifications.append(
                Notification(
                    channel: String(cString: message.pointee.relname),
                    payload: String(cString: message.pointee.extra),
                    backend: Int(message.pointee.be_pid)
                )
            )
            PQfreemem(message)
        }
        if !notifications.isEmpty { listeners.values.forEach { $0.set() } }
    }

    /// Returns when there may be something to read, the time is up, or the task is cancelled.
    private func waitForInput(_ session: Session, until deadline: ContinuousClock.Instant?) async throws {
        let wakeUp = WakeUp()
        listenerCount += 1
        let number = listenerCount
        listeners[number] = wakeUp
        defer { listeners[number] = nil }

        // A descriptor of its own: the connection may be closed, and its number used again, while we wait.
        let descriptor = dup(PQsocket(session.connection))
        guard descriptor >= 0 else { throw PostgresError(.client, "no file descriptor left to wait with") }
        // On the connection's own queue, so that an access under way has read what was for it.
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: executor.queue)
        source.setEventHandler { wakeUp.set() }
        source.setCancelHandler { Glibc.close(descriptor) }
        source.resume()
        defer { source.cancel() }

        if let deadline {
            let (seconds, attoseconds) = (deadline - .now).components
            let nanoseconds = Double(seconds) * 1e9 + Double(attoseconds) / 1e9
            executor.queue.asyncAfter(deadline: .now() + .nanoseconds(Int(min(nanoseconds, 1e15)))) { wakeUp.set() }
        }
        await withTaskCancellationHandler {
            await wakeUp.wait()
        } onCancel: {
            wakeUp.set()
        }
    }
}

extension Session {
    /// A name in the form that SQL takes, quoted.
    package func quoted(_ identifier: String) throws -> String {
        guard let text = PQescapeIdentifier(connection, identifier, identifier.utf8.count) else {
            throw PostgresError(.client, "the name cannot be quoted: it is not valid text")
        }
        defer { PQfreemem(text) }
        return String(cString: text)
    }

    var lostError: PostgresError {
        PostgresError(.connectionLost, trimmed(String(cString: PQerrorMessage(connection))))
    }
}
