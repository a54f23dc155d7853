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
    package static let requiredMigration = 22

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
        if context.isDryRun { plan.sayBrake() }
        return plan
    }

    package func apply(_ plan: RetentionPlan, _ context: JobContext) async throws {
        let entries = try await admitted(plan, context)
        let policies = Dictionary(uniqueKeysWithValues: plan.resolved.map { ($0.name, $0) })
        let steps = RetentionSteps(settings: settings, store: store, policies: policies, context: context)
        for entry in entries.entries {
            try await context.perform(entry.item) { try await steps.apply(entry.step) }
        }
        try await steps.measureDebts()
        if let moved = entries.moved { throw JobFailure("stopped there: \(moved)") }
    }

    /// What of a plan may be carried out.
    ///
    /// - Throws: ``JobFailure`` when the brake stops it.
    private func admitted(
        _ plan: RetentionPlan,
        _ context: JobContext
    ) async throws -> (entries: [RetentionPlan.Entry], moved: String?) {
        let asked = ApprovedPlan(plan)
        if let approval {
            let items = try await context.transaction { session -> String? in
                if approval == asked.hash { try hold(asked, "approved", context.runID, in: session) }
                return try session.query(RetentionSteps.statements["use_plan"], approval).first?.get("items")
            }
            guard let items else {
                throw JobFailure(
                    "there is no plan with the hash \(approval) that was stopped or approved in the last 24 hours; this one's is \(asked.hash)"
                )
            }
            return try ApprovedPlan(json: items).steps(of: plan)
        }
        guard !plan.brake.isEmpty else { return (plan.entries, nil) }
        let reason = plan.brake.joined(separator: "; ")
        try await context.transaction { session in try hold(asked, reason, context.runID, in: session) }
        throw JobFailure(
            """
            nothing was purged: \(reason). Look at it with --dry-run; if it is meant, run \
            cygni-retention-purge --approve \(asked.hash)
            """
        )
    }

    private func hold(_ plan: ApprovedPlan, _ reason: String, _ run: UUID, in session: Session) throws {
        try session.query(RetentionSteps.statements["hold_plan"], plan.hash, JSONText(plan.json), reason, run)
    }
}
