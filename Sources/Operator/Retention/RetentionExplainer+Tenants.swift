import CygniConfig
import CygniJobs
import CygniModel
import RetentionPurge

extension RetentionExplainer {
    /// By what each of a tenant's rows goes.
    func tenant(_ id: String, slug: String, retentionClass: String) -> RetentionAnswer {
        var answer = RetentionAnswer(subject: "tenant \(slug): what it writes is of class \(retentionClass)")
        answer.about = holds.map { "held: \($0)" }
        for policy in facts.policies {
            let isOfTenants =
                guards[policy.name] != nil || settings.policies[policy.name].map { $0.tenantColumn != nil } ?? false
            guard isOfTenants else { continue }
            let (keep, rule) = rule(policy, tenant: id, retentionClass)
            answer.parts.append(
                RetentionAnswer.Part(
                    name: policy.name,
                    goes: Policy.horizon(facts.now, keep),
                    state: "rows of before then go: kept \(keep.text), \(rule)"
                )
            )
        }
        for (name, keep) in settings.archives.sorted(by: { $0.key < $1.key }) {
            answer.parts.append(
                RetentionAnswer.Part(
                    name: "archives of \(name)",
                    goes: Policy.horizon(facts.now, keep),
                    state: "objects of before then go: kept \(keep.text), whoever's they are"
                )
            )
        }
        for (level, keep) in settings.rollups.sorted(by: { $0.key < $1.key }) {
            answer.parts.append(
                RetentionAnswer.Part(
                    name: "metrics_\(level)",
                    goes: Policy.horizon(facts.now, keep),
                    state: "roll-ups of before then go: kept \(keep.text), whoever's they are"
                )
            )
        }
        return answer
    }

    /// How long a tenant's rows are kept, and why so.
    func rule(_ policy: Policy, tenant: String?, _ retentionClass: String?) -> (keep: Duration, rule: String) {
        if let exception = policy.exceptions.first(where: { $0.tenant == tenant }) {
            return (exception.keep, "the exception of tenant \(exception.slug)")
        }
        if let retentionClass, let keep = policy.classes[retentionClass] {
            return (keep, "as class \(retentionClass) is")
        }
        return (policy.keep, "as all that has no class or exception")
    }

    /// - Parameter fate: of a row that is no longer there.
    func row(_ row: FoundRow, fate: String?) -> RetentionAnswer {
        let place = "\(row.table), \(row.time?.rfc3339 ?? "without a time")"
        var answer = RetentionAnswer(subject: "row \(row.name) of \(place)")
        if let fate { answer.about.append(fate) }
        guard let policy = facts.policies.first(where: { $0.name == row.table }), let time = row.time else {
            answer.about.append("no policy of jobs/retention-purge.yaml lets rows of \(row.table) go: it stays")
            return answer
        }
        answer.policyVersion = policy.version
        let leaf = facts.leaves.first { leaf in
            leaf.policy == row.table && leaf.range.contains(time)
                && (leaf.retentionClass == nil || leaf.retentionClass == row.retentionClass)
        }
        let (keep, rule) = rule(policy, tenant: row.tenant, leaf == nil ? nil : leaf?.retentionClass)
        let goes = (leaf?.range.upperBound ?? time) + keep
        answer.about.append("kept \(keep.text), \(rule)")
        if let leaf {
            answer.parts.append(
                .init(
                    name: leaf.name,
                    retentionClass: leaf.retentionClass,
                    goes: goes,
                    state: state(plan.item(of: leaf.name))
                )
            )
        } else if fate == nil {
            let isDue = goes <= facts.now
            answer.parts.append(
                .init(name: row.table, goes: goes, state: isDue ? "due: goes with the next run" : "not yet due")
            )
        }
        answer.about += conditions(row.table)
        return answer
    }
}
