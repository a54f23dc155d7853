import CygniJobs
import CygniPostgres

/// The two steps that need ACCESS EXCLUSIVE locks. They ask for them for a moment and come again, so that readers never
/// queue behind a reader who holds on to a relation.
extension RollupSteps {
    /// How often a lock is asked for, and the pause in between.
    private static let attempts = 50
    private static let pause = Duration.milliseconds(200)

    func publish() async throws {
        context.crashPoint("rollup.before-publish")
        var attempt = 1
        while attempt <= Self.attempts {
            switch try await unlessLocked({
                try $0.query(Self.statements["publish"])[0].get("has_rewritten", as: Bool.self)
            }) {
            case true?:
                context.crashPoint("rollup.after-publish")
                context.count("views_rewritten")
            case false?: return
            case nil:
                attempt += 1
                try await Task.sleep(for: Self.pause)
            }
        }
        throw JobFailure(
            "the views cygni.metrics_* are held by readers, so new relations do not show in them yet; the next run tries again. See pg_stat_activity for a transaction that stays open"
        )
    }

    /// Drops what can be dropped now; a relation that a reader still holds stays for the next run.
    func dropRetired() async throws {
        let retired = try await context.read { session in
            try session.query(Self.statements["retired"]).map { try $0.get("relation", as: String.self) }
        }
        for relation in retired {
            try await context.checkpoint()
            let dropped = try await unlessLocked { try $0.query(Self.statements["drop_relation"], relation).count }
            context.crashPoint("rollup.after-drop")
            context.count(dropped == nil ? "relations_held_by_readers" : "relations_dropped")
        }
    }

    /// Runs `body` in a transaction with a short lock timeout; nil when a lock was not to be had.
    private func unlessLocked<Value: Sendable>(_ body: @Sendable (Session) throws -> Value) async throws -> Value? {
        do {
            return try await context.transaction { session in
                try session.query(Self.statements["short_lock_timeout"])
                return try body(session)
            }
        } catch let error as PostgresError where error.sqlState == "55P03" {
            return nil
        }
    }
}
