import CygniJobs
import CygniModel
import CygniPostgres

extension RetentionSteps {
    /// Looks what is still due, writes down for how long, and fails where a policy falls behind run by run.
    ///
    /// - Throws: ``JobFailure`` of status 2 for that.
    func measureDebts() async throws {
        var worsening: [String] = []
        let facts = try await context.read { session in
            try RetentionFacts.read(now: context.now, settings: settings, in: session)
        }
        let left = RetentionPlan(facts: facts, settings: settings, limit: 0)
        for policy in facts.policies {
            let debt = Debt(
                policy: policy.name,
                oldest: left.oldestDue(policy.name),
                keep: policy.keep,
                now: context.now,
                before: facts.debts[policy.name]?.map(\.overdue) ?? [],
                interval: facts.debts[policy.name]?.first.map { context.now - $0.at } ?? .zero
            )
            let run = run
            try await context.transaction { session in
                _ = try session.query(
                    Self.statements["note_debt"],
                    debt.policy,
                    run,
                    debt.oldest,
                    debt.overdue.inSeconds,
                    debt.drainedAt
                )
            }
            context.count("overdue_seconds_\(policy.name)", Int(debt.overdue.inSeconds))
            if let drained = debt.drainedAt {
                context.count("drains_in_seconds_\(policy.name)", Int((drained - context.now).inSeconds))
            }
            guard debt.isWorsening, let oldest = debt.oldest else { continue }
            worsening.append(
                """
                \(policy.name) falls behind for three runs in a row: rows of \(oldest.rfc3339) are overdue by \(debt.overdue.text); \
                see cygni-retention-purge --dry-run
                """
            )
        }
        guard worsening.isEmpty else { throw JobFailure(worsening.joined(separator: "; "), status: .partial) }
    }
}
