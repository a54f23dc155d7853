import CygniModel
import CygniPostgres
import CygniTestSupport
import Testing

@Suite struct AdvisoryLockTests {
    @Test("One owner at a time", arguments: [AdvisoryLockKey("metrics-rollup"), AdvisoryLockKey(-7, .max)])
    func oneOwner(key: AdvisoryLockKey) async throws {
        try await withDatabase { database in
            let first = try #require(try await AdvisoryLock.acquire(database.options(), key: key))
            try await first.verify()
            #expect(try await AdvisoryLock.acquire(database.options(), key: key) == nil)
            let other = try #require(try await AdvisoryLock.acquire(database.options(), key: AdvisoryLockKey("other")))
            await other.release()
            await first.release()
            let second = try #require(try await AdvisoryLock.acquire(database.options(), key: key))
            await second.release()
        }
    }

    @Test func waiterGetsItOnRelease() async throws {
        try await withDatabase { database in
            let key = AdvisoryLockKey("job")
            let first = try #require(try await AdvisoryLock.acquire(database.options(), key: key))
            async let second = AdvisoryLock.acquire(
                database.options(),
                key: key,
                wait: .seconds(20),
                poll: .milliseconds(20)
            )
            try await Task.sleep(for: .milliseconds(100))
            await first.release()
            let lock = try #require(try await second)
            await lock.release()
        }
    }

    @Test func holderIsNamed() async throws {
        try await withDatabase { database in
            let key = AdvisoryLockKey("job")
            #expect(try await AdvisoryLock.holder(of: key, database.options()) == nil)
            var options = database.options()
            options.applicationName = "cygni metrics-rollup run 1"
            let lock = try #require(try await AdvisoryLock.acquire(options, key: key))
            let holder = try #require(try await AdvisoryLock.holder(of: key, database.options()))
            #expect(holder.backend == lock.backend && holder.applicationName == "cygni metrics-rollup run 1")
            #expect(holder.since != nil)
            await lock.release()
            #expect(try await AdvisoryLock.holder(of: key, database.options()) == nil)
        }
    }

    @Test func lossIsNoticed() async throws {
        try await withDatabase { database in
            let key = AdvisoryLockKey("job")
            let lock = try #require(try await AdvisoryLock.acquire(database.options(), key: key))
            try await database.execute("SELECT pg_terminate_backend(\(lock.backend), 5000)")
            let error = await #expect(throws: AdvisoryLockLost.self) { try await lock.verify() }
            #expect(error?.description.contains("'job'") == true)
            let next = try #require(try await AdvisoryLock.acquire(database.options(), key: key))
            await next.release()
        }
    }

    @Test func serverCrashLosesIt() async throws {
        let cluster = try await TestCluster.start()
        try await cluster.withDatabase { database in
            let lock = try #require(try await AdvisoryLock.acquire(database.options(), key: AdvisoryLockKey("job")))
            try await cluster.restart(immediate: true)
            await #expect(throws: AdvisoryLockLost.self) { try await lock.verify() }
        }
        try await cluster.stop()
    }

    @Test func cancelledOwnerGivesItBack() async throws {
        try await withDatabase { database in
            let key = AdvisoryLockKey("job")
            let isOwned = Monitor(false)
            let owner = Task {
                let lock = try #require(try await AdvisoryLock.acquire(database.options(), key: key))
                isOwned.update { $0 = true }
                try? await Task.sleep(for: .seconds(60))
                await #expect(throws: CancellationError.self) { try await lock.verify() }
                await lock.release()
            }
            _ = try await isOwned.wait(atMost: .seconds(30)) { $0 ? true : nil }
            owner.cancel()
            try await owner.value
            let next = try #require(try await AdvisoryLock.acquire(database.options(), key: key))
            await next.release()
        }
    }
}
