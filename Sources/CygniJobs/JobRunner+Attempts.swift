import CygniLog
import CygniModel
import CygniPostgres
import Logging

extension JobRunner {
    /// Repeats the whole attempt after what may pass by itself: a server that restarts, a lost connection, a deadlock.
    func attempts(_ books: RunBooks) async throws {
        let backoff = Backoff(base: settings.pause, longest: .seconds(30))
        for attempt in 1... {
            do {
                return try await oneAttempt(books)
            } catch  where isTransient(error) && attempt <= settings.retries && !Task.isCancelled {
                let pause = backoff.pause(beforeAttempt: attempt + 1, chance: clock.chance())
                run.logger.warning(
                    "attempt failed, trying again",
                    metadata: .init([
                        .attempt: "\(attempt)", .retries: "\(settings.retries)", .delay: pause.text,
                        .error: "\(error)",
                    ])
                )
                try await control.untilAsked { try await clock.sleep(pause) }
            }
        }
    }

    private func oneAttempt(_ books: RunBooks) async throws {
        let (lock, fence, now) = try await books.begin()
        let connection = try await openConnection(settings.database)
        let database = settings.database
        // Who asks at the same time is told by one look that began afterwards.
        let verification = Together<Void, Void> { askers in
            try await lock.verifyForRun()
            return askers.map { _ in }
        }
        let context = JobContext(
            run: run,
            fence: Int64(fence),
            now: clock.decisionTime ?? now,
            connection: connection,
            openAnother: { try await openConnection(database) },
            recorder: recorder,
            control: control,
            verifyLock: { try await verification(()) }
        )
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await books.keepAlive(lock) }
                group.addTask { try await work(context) }
                // The heartbeat only ever throws, so the first to return is the work.
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }

    private func work(_ context: JobContext) async throws {
        try control.check()
        let plan = try await job.plan(context)
        recorder.planned(plan)
        context.logger.info("plan decided", metadata: .init([.items: "\(plan.size)"]))
        context.crashPoint("planned")
        try await job.apply(plan, context)
        context.crashPoint("applied")
    }

    private func isTransient(_ error: any Error) -> Bool {
        switch error {
        case let error as PostgresError: error.isTransient
        case let error as LockLost: !error.isTakenOver
        default: false
        }
    }
}
