import CygniBrake
package import CygniConfig
package import CygniJobs
import CygniLog
import CygniModel
import CygniObjectStore
import CygniPostgres
import FoundationEssentials

/// Lets previews go when their end is certain, and never otherwise.
package struct PreviewReapJob: Job {
    package static let name = "preview-reap"
    package static let requiredMigration = 28

    let settings: ReapSettings
    let store: any ObjectStore
    let runtime: ReapRuntime
    /// The hash of a plan that the brake stopped, and a person approved.
    let approval: String?

    /// - Throws: what opening the object store does.
    package init(
        settings: ReapSettings,
        shared: SharedSettings,
        environment: [String: String],
        approval: String?
    ) throws {
        self.settings = settings
        self.approval = approval
        store = try shared.objectStore.open(now: { .wallClock() })
        runtime = ReapRuntime(platform: shared.platform, engines: shared.engines, environment: environment)
    }

    package func plan(_ context: JobContext) async throws -> ReapPlan {
        let book = PreviewBook(context: context)
        let sides = try Sides(settings, runtime, book)
        let facts = try await sides.ask()
        let orphans = try await book.orphans(facts.engines.objects)
        let (settings, now, limit) = (settings, context.now, context.limit)
        var plan = try await context.read { session in
            var deciding = Deciding(settings: settings, facts: facts.forges, engines: facts.engines, now: now)
            try PreviewBook.walk(session) { deciding.take($0) }
            return deciding.finish(
                orphans: orphans.map { ($0.object, $0.since.map { $0 + settings.orphans.grace <= now } ?? false) },
                faults: facts.faults,
                limit: limit
            )
        }
        plan.counts["forge_requests"] = facts.requests
        plan.counts["forge_unchanged"] = facts.unchanged
        plan.learned = facts.learned
        plan.engines = facts.engines.answered
        if context.isDryRun, let braked = plan.braked { plan.kept.insert(braked, at: 0) }
        return plan
    }

    package func apply(_ plan: ReapPlan, _ context: JobContext) async throws {
        let book = PreviewBook(context: context)
        // What was seen was seen, whether anything may go or not.
        try await book.note(plan.sightings, plan.orphans, engines: plan.engines)
        if !plan.learned.isEmpty { try await book.learn(plan.learned) }
        context.crashPoint("reap.noted")
        for fault in plan.faults {
            try await context.perform(PlannedItem(id: fault.side, action: "ask")) { throw JobFailure(fault.text) }
        }
        let worker = try ReapWorker(settings, book, try Sides(settings, runtime, book), store)
        // What takes nothing waits for nobody.
        try await worker.carryOut(plan.entries.filter { !$0.isLoss }, known: [:])
        let admitted = try await context.admitted(
            plan,
            approval: approval,
            command: "cygni-preview-reap",
            done: "reaped"
        )
        try await worker.carryOut(admitted.entries.filter(\.isLoss), known: plan.objects)
        if let moved = admitted.moved { throw JobFailure("stopped there: \(moved)") }
    }
}
