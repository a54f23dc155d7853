import CygniPostgres
import CygniTestSupport
import Testing

@Suite struct NotificationTests {
    @Test func comesWithItsPayload() async throws {
        try await withDatabase { database in
            let listener = try await database.connect()
            try await listener.listen("Jobs \"x\"")
            let waiting = Task { try await listener.nextNotification(timeout: .seconds(20)) }
            try await Task.sleep(for: .milliseconds(100))
            try await database.execute(#"NOTIFY "Jobs ""x""", 'one'; NOTIFY "Jobs ""x""", 'two'"#)
            let first = try await waiting.value
            #expect(first?.channel == "Jobs \"x\"" && first?.payload == "one")
            #expect(try await listener.nextNotification(timeout: .seconds(20))?.payload == "two")
            #expect(try await listener.nextNotification(timeout: .milliseconds(50)) == nil)
            try await listener.unlisten("Jobs \"x\"")
            try await database.execute(#"NOTIFY "Jobs ""x""", 'three'"#)
            #expect(try await listener.nextNotification(timeout: .milliseconds(50)) == nil)
        }
    }

    /// The answer to a statement brings the notification along, past the one who waits on the socket.
    @Test func connectionIsUsableMeanwhile() async throws {
        try await withDatabase { database in
            let listener = try await database.connect()
            try await listener.listen("jobs")
            for round in 0..<50 {
                async let next = listener.nextNotification(timeout: .seconds(20))
                try await listener.access { try $0.script("NOTIFY jobs, '\(round)'", name: "notify") }
                #expect(try await next?.payload == "\(round)")
            }
        }
    }

    @Test func waitingCanBeCancelled() async throws {
        try await withDatabase { database in
            let listener = try await database.connect()
            try await listener.listen("jobs")
            let waiting = Task { try await listener.nextNotification() }
            try await Task.sleep(for: .milliseconds(100))
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            try await listener.access { try $0.script("NOTIFY jobs", name: "notify") }
            #expect(try await listener.nextNotification(timeout: .seconds(20))?.channel == "jobs")
        }
    }

    @Test func endOfTheConnectionIsNoticed() async throws {
        try await withDatabase { database in
            let listener = try await database.connect()
            try await listener.listen("jobs")
            let backend = try await listener.access { $0.announcedBackend }
            let waiting = Task { try await listener.nextNotification() }
            try await Task.sleep(for: .milliseconds(100))
            try await database.execute("SELECT pg_terminate_backend(\(backend))")
            let error = await #expect(throws: PostgresError.self) { try await waiting.value }
            #expect(error?.kind == .connectionLost)

            let closed = try await database.connect()
            let second = Task { try await closed.nextNotification() }
            try await Task.sleep(for: .milliseconds(50))
            await closed.close()
            await #expect(throws: PostgresError.self) { try await second.value }
        }
    }
}
