package import CygniJobs
import CygniPostgres

extension JobContext {
    private static let statements = StatementFile("held_plans", PackageResources.held_plans_sql)

    /// What of a plan may be carried out: all of it where nothing brakes it, else what a person approved.
    ///
    /// - Parameters:
    ///   - approval: the hash of a plan that was stopped.
    ///   - command: what takes `--approve`, `cygni-preview-reap`.
    ///   - done: what was not done, `reaped`.
    /// - Returns: `moved` says why the rest of what was approved is left.
    /// - Throws: `JobFailure` when the brake stops it; the plan is then kept in cygni.held_plans.
    package func admitted<Plan: BrakedPlan>(
        _ plan: Plan,
        approval: String?,
        command: String,
        done: String
    ) async throws -> (entries: [Plan.Entry], moved: String?) {
        guard approval != nil || !plan.brake.isEmpty else { return (plan.entries, nil) }
        let asked = ApprovedPlan(plan)
        guard let approval else {
            let reason = plan.brake.joined(separator: "; ")
            try await transaction { session in try hold(asked, reason, in: session) }
            throw JobFailure(
                "nothing was \(done): \(reason). Look at it with --dry-run; if it is meant, run \(command) --approve \(asked.hash)"
            )
        }
        let job = job
        let items = try await transaction { session -> String? in
            if approval == asked.hash { try hold(asked, "approved", in: session) }
            return try session.query(Self.statements["use_plan"], job, approval).first?.get("items")
        }
        guard let items else {
            throw JobFailure(
                "there is no plan with the hash \(approval) that was stopped or approved in the last 24 hours; this one's is \(asked.hash)"
            )
        }
        let approved = try ApprovedPlan(json: items).entries(of: plan)
        for item in approved.gone {
            try await perform(PlannedItem(id: item.id, action: item.action)) {
                throw ItemHeld("it was approved, and is not to go any more, or is gone")
            }
        }
        return (approved.entries, approved.moved)
    }

    private func hold(_ plan: ApprovedPlan, _ reason: String, in session: Session) throws {
        try session.query(Self.statements["hold_plan"], job, plan.hash, JSONText(plan.json), reason, runID)
    }
}
