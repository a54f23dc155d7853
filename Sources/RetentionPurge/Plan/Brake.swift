import CygniModel

/// Tells when a plan takes so much that a person must say yes.
struct Brake {
    let facts: RetentionFacts
    let settings: BrakeSettings

    /// Why `plan` has to be approved; empty: it need not be.
    func reasons(for plan: RetentionPlan) -> [String] {
        var going: [String: Int] = [:]
        var byTenant: [String: [String: Int]] = [:]
        for entry in plan.entries {
            guard let policy = entry.policy else { continue }
            going[policy, default: 0] += entry.rows
            for (tenant, rows) in Self.tenants(of: entry.step) {
                byTenant[policy, default: [:]][tenant, default: 0] += rows
            }
        }
        var reasons: [String] = []
        for (policy, rows) in going.sorted(by: { $0.key < $1.key }) where rows >= max(1, settings.rowsAtLeast) {
            let all = total(policy)
            if settings.percent < 100, all > 0, rows * 100 > all * settings.percent {
                reasons.append("\(rows) of about \(all) rows of \(policy) would go, more than \(settings.percent) %")
            }
            if let median = facts.medians[policy], rows > median * settings.timesMedian {
                reasons.append(
                    "\(rows) rows of \(policy) would go, more than \(settings.timesMedian) times the usual \(median)"
                )
            }
            for (tenant, rows) in (byTenant[policy] ?? [:]).sorted(by: { $0.key < $1.key })
            where rows >= max(1, settings.rowsAtLeast) {
                let all = estimate(tenant, policy)
                if settings.percent < 100, rows * 100 > all * settings.percent {
                    reasons.append(
                        "\(rows) of about \(all) rows of tenant \(tenant) in \(policy) would go, more than \(settings.percent) %"
                    )
                }
            }
        }
        return reasons
    }

    /// A tenant's rows in all of a table, by its share of the partitions that were counted.
    private func estimate(_ tenant: String, _ policy: String) -> Int {
        let counted = facts.leaves.filter { $0.policy == policy && !$0.tenants.isEmpty }
        let rows = counted.reduce(0) { $0 + ($1.tenants[tenant] ?? 0) }
        let among = counted.reduce(0) { $0 + $1.tenants.values.reduce(0, +) }
        return among == 0 ? rows : max(rows, rows * max(among, total(policy)) / among)
    }

    private func total(_ policy: String) -> Int {
        facts.leaves.filter { $0.policy == policy }.reduce(0) { $0 + $1.rows }
            + facts.tables.filter { $0.policy == policy }.reduce(0) { $0 + $1.rows }
    }

    private static func tenants(of step: RetentionStep) -> [String: Int] {
        switch step {
        case .rewrite(let leaf, let share), .deleteFrom(let leaf, let share):
            leaf.tenants.filter { share.tenants.contains($0.key) != share.spares }
        default: [:]
        }
    }
}
