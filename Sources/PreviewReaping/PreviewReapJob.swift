import CygniLog
package import CygniConfig
package import CygniJobs
import CygniModel
package import CygniObjectStore
import CygniPostgres
import FoundationEssentials

/// Lets previews go when their end is certain, and never otherwise.
package struct PreviewReapJob: Job {
    package static let name = "preview-reap"
    package static let requiredMigration = 27

    let settings: ReapSettings
    let store: any ObjectStore
    let environment: [String: String]
    /// The hash of a plan that the brake stopped, and a person approved.
    let approval: String?

    package init(
        settings: ReapSettings,
        store: any ObjectStore,
        environment: [String: String] = [:],
        approval: String? = nil
    ) {
        self.settings = settings
        self.store = store
        self.environment = environment
        self.approval = approval
    }

    /// The same with the store that the shared settings name.
    package init(
        settings: ReapSettings,
        objectStore: ObjectStoreSettings,
        environment: [String: String],
        approval: String?
    )
        throws
    {
        try self.init(
            settings: settings,
            store: objectStore.open(now: { .wallClock() }),
            environment: environment,
            approval: approval
        )
    }

    package func plan(_ context: JobContext) async throws -> ReapPlan {
        let book = PreviewBook(context: context)
        let sides = try Sides(settings, book, environment)
        let facts = try await sides.ask()
        let orphans = try await book.orphans(facts.objects)
        let running =
            facts.hasAllEngines && !facts.objects.isEmpty ? Set(facts.objects.map { $0.deployment.lowercased() }) : nil
        let (settings, now, limit) = (settings, context.now, context.limit)
        var plan = try await context.read { session in
            var deciding = Deciding(settings: settings, facts: facts.forges, now: now, running: running)
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
        plan.engines = facts.answered
        if context.isDryRun, !plan.brake.isEmpty {
            let reason = "\(plan.brake.joined(separator: "; ")); without --approve and this hash nothing goes"
            plan.kept.insert(PlannedItem(id: ApprovedReaping(plan).hash, action: "approve", reason: reason), at: 0)
        }
        return plan
    }

    package func apply(_ plan: ReapPlan, _ context: JobContext) async throws {
        let book = PreviewBook(context: context)
        // What was seen was seen, whether anything may go or not.
        try await book.note(plan.sightings, plan.orphans, engines: plan.engines)
        if !plan.learned.isEmpty { try await book.learn(plan.learned) }
        context.crashPoint("reap.noted")
        let admitted = try await admitted(plan, context)
        let worker = try ReapWorker(settings, book, store, environment)
        try await worker.carryOut(admitted.entries)
        if let moved = admitted.moved { throw JobFailure("stopped there: \(moved)") }
    }

    /// What of a plan may be carried out.
    ///
    /// - Throws: ``JobFailure`` when the brake stops it.
    private func admitted(_ plan: ReapPlan, _ context: JobContext) async throws -> (
        entries: [ReapPlan.Entry], moved: String?
    ) {
        let asked = ApprovedReaping(plan)
        let statements = PreviewBook.statements
        if let approval {
            let items = try await context.transaction { session -> String? in
                if approval == asked.hash {
                    try session.query(
                        statements["hold_plan"],
                        Self.name,
                        asked.hash,
                        JSONText(asked.json),
                        "approved",
                        context.runID
                    )
                }
                return try session.query(statements["use_plan"], Self.name, approval).first?.get("items")
            }
            guard let items else {
                throw JobFailure(
                    "there is no plan with the hash \(approval) that was stopped or approved in the last 24 hours; this one's is \(asked.hash)"
                )
            }
            return try ApprovedReaping(json: items).entries(of: plan)
        }
        guard !plan.brake.isEmpty else { return (plan.entries, nil) }
        let reason = plan.brake.joined(separator: "; ")
        try await context.transaction { session in
            _ = try session.query(
                statements["hold_plan"],
                Self.name,
                asked.hash,
                JSONText(asked.json),
                reason,
                context.runID
            )
        }
        throw JobFailure(
            "nothing was reaped: \(reason). Look at it with --dry-run; if it is meant, run cygni-preview-reap --approve \(asked.hash)"
        )
    }
}
