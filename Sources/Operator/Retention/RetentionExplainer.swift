import CygniConfig
import CygniJobs
import CygniModel
import RetentionPurge

/// Answers from the same facts and by the same decision as the purge.
struct RetentionExplainer {
    let facts: RetentionFacts
    let settings: RetentionSettings
    let job: JobSettings
    let guards: [String: Guard]
    /// Those in force, in words.
    let holds: [String]

    struct Guard: Sendable, Equatable {
        var needsArchive: Bool
        var needsCertificate: Bool
        var floor: String
    }

    private var plan: RetentionPlan { RetentionPlan(facts: facts, settings: settings, limit: 0) }

    // MARK: - A table

    /// - Returns: nil when no policy names it.
    func table(_ name: String) -> RetentionAnswer? {
        guard let policy = facts.policies.first(where: { $0.name == name }) else { return nil }
        var answer = RetentionAnswer(subject: "\(name): \(kept(policy))", policyVersion: policy.version)
        answer.about = conditions(name)
        let plan = plan
        let states = Dictionary(
            (plan.entries.map(\.item) + plan.kept).map { ($0.id, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        for leaf in facts.leaves where leaf.policy == name {
            answer.parts.append(
                RetentionAnswer.Part(
                    name: leaf.name,
                    retentionClass: leaf.retentionClass,
                    rows: leaf.rows,
                    goes: leaf.range.upperBound + policy.keep(leaf.retentionClass),
                    state: state(states[leaf.name])
                )
            )
        }
        for entry in facts.quarantine where entry.source == name {
            answer.parts.append(
                RetentionAnswer.Part(
                    name: entry.partition,
                    goes: entry.dropAfter,
                    state: (entry.obstacle ?? "the next run drops it")
                        + "; back with: cygni retention undo \(entry.partition)"
                )
            )
        }
        for table in facts.tables where table.policy == name {
            for due in table.due {
                let id = due.slug.map { "\(name) of \($0)" } ?? name
                let state = "\(state(states[id]))\(due.held > 0 ? "; \(due.held) held" : "")"
                answer.parts.append(RetentionAnswer.Part(name: id, rows: due.rows, goes: due.before, state: state))
            }
            if table.due.isEmpty { answer.about.append("nothing of it is due") }
        }
        return answer
    }

    private func kept(_ policy: Policy) -> String {
        var parts = ["kept \(policy.keep.text)"]
        parts += policy.classes.sorted { $0.key < $1.key }.map { "class \($0.key) \($0.value.text)" }
        parts += policy.exceptions.map { "tenant \($0.slug) \($0.keep.text)" }
        if let floor = settings.policies[policy.name]?.floor { parts.append("nobody less than \(floor.text)") }
        return parts.joined(separator: ", ")
    }

    /// What must hold before rows of a table go, and what may keep them.
    private func conditions(_ name: String) -> [String] {
        var lines: [String] = []
        if let guarded = guards[name] {
            if guarded.needsArchive { lines.append("before a day goes, each row is in an archive that was read back") }
            if guarded.needsCertificate { lines.append("before a day goes, the roll-up has certified it") }
            lines.append("a day goes no sooner than \(guarded.floor) after its end, whatever the settings say")
            lines.append("a day is in quarantine for \(settings.quarantine.text) before it is dropped")
        } else {
            lines.append("rows are deleted in batches, oldest first")
        }
        if let debt = facts.debts[name]?.first, debt.overdue > 0 {
            lines.append("behind by \(Duration.seconds(debt.overdue).text) at \(debt.at.rfc3339)")
        }
        lines += holds.map { "held: \($0)" }
        lines.append("looked at by retention-purge, \(job.schedule.map { "schedule '\($0)'" } ?? "when somebody starts it")")
        return lines
    }

    private func state(_ item: PlannedItem?) -> String {
        guard let item else { return "not yet due" }
        let reason = item.reason ?? ""
        return item.action == "keep" ? "stays: \(reason)" : "next run: \(item.action), \(reason)"
    }

    // MARK: - A tenant

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

    // MARK: - A row

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
            let plan = plan
            let item = (plan.entries.map(\.item) + plan.kept).first { $0.id == leaf.name }
            answer.parts.append(
                .init(name: leaf.name, retentionClass: leaf.retentionClass, goes: goes, state: state(item))
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
