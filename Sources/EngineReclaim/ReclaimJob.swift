import CygniAudit
import CygniBrake
package import CygniConfig
import CygniEngines
package import CygniJobs
import CygniModel
import CygniPostgres
import FoundationEssentials

/// Gives back the room that nothing of ours needs any more in container engines, and measures it.
package struct ReclaimJob: Job {
    package static let name = "reclaim"
    package static let requiredMigration = 27

    let settings: ReclaimSettings
    let platform: String
    let engines: [String: EngineSettings]
    /// The hash of a plan that the brake stopped, and a person approved.
    let approval: String?

    package init(settings: ReclaimSettings, shared: SharedSettings, approval: String?) {
        self.settings = settings
        self.approval = approval
        platform = shared.platform
        // A cluster's nodes tidy up by themselves.
        engines = shared.engines.filter { $0.value.kind == .docker }
    }

    package func plan(_ context: JobContext) async throws -> ReclaimPlan {
        var holdings: [EngineHolding] = []
        var faults: [String] = []
        for engine in try open(context) {
            do {
                holdings += try await engine.holdings(cache: settings.buildCache != nil)
            } catch let fault as EngineFault {
                faults.append(fault.description)
            }
        }
        let ids = Set(holdings.compactMap { UUID(uuidString: $0.object.deployment) })
        let owners = try await context.read { try Owner.read(Array(ids), in: $0) }
        let rules = ReclaimRules(settings, owners: owners, now: context.now)
        var plan = ReclaimPlan(holdings, rules, faults: faults, limit: context.limit)
        if context.isDryRun, let braked = plan.braked { plan.kept.insert(braked, at: 0) }
        return plan
    }

    package func apply(_ plan: ReclaimPlan, _ context: JobContext) async throws {
        let admitted = try await context.admitted(plan, approval: approval, command: "cygni reclaim", done: "deleted")
        for fault in plan.faults {
            try await context.perform(PlannedItem(id: "facts", action: "ask")) { throw JobFailure(fault) }
        }
        for engine in try open(context) {
            let entries = admitted.entries.filter { $0.holding.object.engine == engine.name }
            guard !entries.isEmpty else { continue }
            let before = try await engine.bytesInUse()
            for entry in entries {
                try await context.perform(entry.item) { try await delete(entry, engine, context) }
            }
            context.count("freed_bytes", Int(max(0, before - (try await engine.bytesInUse()))))
        }
        if let moved = admitted.moved { throw JobFailure("stopped there: \(moved)") }
    }

    private func open(_ context: JobContext) throws -> [DockerEngine] {
        do {
            return try engines.sorted { $0.key < $1.key }.map { name, settings in
                try DockerEngine(name, settings, platform: platform) { [] }
            }
        } catch {
            throw JobFailure("cygni.yaml: \(error)", status: .configuration)
        }
    }

    private func delete(_ entry: ReclaimPlan.Entry, _ engine: DockerEngine, _ context: JobContext) async throws {
        if let owner = entry.owner {
            let now = try await context.read { try Owner.read([owner.id], in: $0) }.values.first
            guard now == owner else { throw ItemHeld("its deployment changed since this run began") }
        }
        // Written down before as well: of what is deleted by a run that is killed right then there is a record.
        try await tell("engine.reclaiming", entry, context)
        try await engine.delete(entry.holding)
        context.crashPoint("reclaim.deleted")
        try await tell("engine.reclaimed", entry, context)
        context.count("deleted")
    }

    private func tell(_ action: String, _ entry: ReclaimPlan.Entry, _ context: JobContext) async throws {
        let object = entry.holding.object
        let event = AuditEvent(
            tenant: entry.owner?.tenant,
            actor: "job:\(Self.name)",
            action: action,
            subject: entry.owner.map { "deployment:\($0.id.text)" } ?? "engine:\(object.engine)",
            details: JSONText(
                JSONValue.object([
                    ("engine", .string(object.engine)), ("class", .string(object.kind)), ("name", .string(object.name)),
                    ("ref", .string(object.ref)), ("bytes", .integer(Int(entry.holding.bytes))),
                    ("reason", .optional(entry.item.reason)),
                ]).text
            )
        )
        try await context.transaction { session in _ = try AuditLog.append(event, in: session) }
    }
}
