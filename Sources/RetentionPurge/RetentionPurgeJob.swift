import CygniBrake
package import CygniConfig
package import CygniJobs
import CygniLog
import CygniModel
package import CygniObjectStore
import CygniPostgres
import FoundationEssentials

/// Lets data go whose time has come: when its copies are proven and nothing holds it, and with a receipt.
package struct RetentionPurgeJob: Job {
    package static let name = "retention-purge"
    package static let requiredMigration = 27

    let settings: RetentionSettings
    let store: any ObjectStore
    /// The hash of a plan that the brake stopped, and a person approved.
    let approval: String?

    package init(settings: RetentionSettings, store: any ObjectStore, approval: String? = nil) {
        self.settings = settings
        self.store = store
        self.approval = approval
    }

    /// The same with the store that the shared settings name.
    package init(settings: RetentionSettings, objectStore: ObjectStoreSettings, approval: String?) throws {
        try self.init(settings: settings, store: objectStore.open(now: { .wallClock() }), approval: approval)
    }

    package func plan(_ context: JobContext) async throws -> RetentionPlan {
        let facts = try await context.read { session in
            try RetentionFacts.read(now: context.now, settings: settings, in: session)
        }
        var plan = RetentionPlan(facts: facts, settings: settings, limit: context.limit)
        if context.isDryRun, let braked = plan.braked { plan.kept.append(braked) }
        return plan
    }

    package func apply(_ plan: RetentionPlan, _ context: JobContext) async throws {
        let entries = try await context.admitted(
            plan,
            approval: approval,
            command: "cygni-retention-purge",
            done: "purged"
        )
        let policies = Dictionary(uniqueKeysWithValues: plan.resolved.map { ($0.name, $0) })
        let steps = RetentionSteps(settings: settings, store: store, policies: policies, context: context)
        for entry in entries.entries {
            try await context.perform(entry.item) { try await steps.apply(entry.step) }
        }
        try await steps.measureDebts()
        if let moved = entries.moved { throw JobFailure("stopped there: \(moved)") }
    }
}
