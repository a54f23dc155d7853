package import CygniJobs
import CygniPostgres

/// Rolls raw metric samples up into minutes, hours and days, kept in materialized views.
///
/// A run's cost follows what changed since the last one, not the history that there is.
package struct MetricsRollupJob: Job {
    package static let name = "metrics-rollup"
    package static let requiredMigration = 19

    let settings: RollupSettings
    let rebuild: RebuildRange?
    let explains: Bool

    /// - Parameters:
    ///   - rebuild: days to compute again from raw samples, whatever the notes say.
    ///   - explains: the plan's counts also tell how the relations stand.
    package init(settings: RollupSettings, rebuild: RebuildRange? = nil, explains: Bool = false) {
        self.settings = settings
        self.rebuild = rebuild
        self.explains = explains
    }

    package func plan(_ context: JobContext) async throws -> RollupPlan {
        try await context.read { session in
            let facts = try RollupFacts.read(now: context.now, settings: settings, rebuild: rebuild, in: session)
            var plan = RollupPlan(facts: facts, settings: settings, limit: context.limit)
            if explains {
                for row in try session.query(RollupFacts.statements["standing"]) {
                    plan.set(try row.get("name"), try row.get("number"))
                }
            }
            return plan
        }
    }

    package func apply(_ plan: RollupPlan, _ context: JobContext) async throws {
        let steps = RollupSteps(settings: settings, context: context)
        for entry in plan.entries where try await steps.isDue(entry.step) {
            try await context.perform(entry.item) {
                try await steps.apply(entry.step)
            }
        }
    }
}
