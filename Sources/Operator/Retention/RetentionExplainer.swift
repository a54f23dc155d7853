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

    var plan: RetentionPlan { RetentionPlan(facts: facts, settings: settings, limit: 0) }

    /// - Returns: nil when no policy names it.
    func table(_ name: String) -> RetentionAnswer? {
        guard let policy = facts.policies.first(where: { $0.name == name }) else { return nil }
        var answer = RetentionAnswer(subject: "\(name): \(kept(policy))", policyVersion: policy.version)
        answer.about = conditions(name)
        let plan = plan
        for leaf in facts.leaves where leaf.policy == name {
            answer.parts.append(
                RetentionAnswer.Part(
                    name: leaf.name,
                    retentionClass: leaf.retentionClass,
                    rows: leaf.rows,
                    goes: leaf.range.upperBound + policy.keep(leaf.retentionClass),
                    state: state(plan.item(of: leaf.name))
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
                let state = "\(state(plan.item(of: id)))\(due.held > 0 ? "; \(due.held) held" : "")"
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
    func conditions(_ name: String) -> [String] {
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
            let end = debt.drainedAt.map { "; nothing is due by \($0.rfc3339) at the present pace" } ?? ""
            lines.append("behind by \(Duration.seconds(debt.overdue).text) at \(debt.at.rfc3339)\(end)")
        }
        lines += holds.map { "held: \($0)" }
        lines.append(
            "looked at by retention-purge, \(job.schedule.map { "schedule '\($0)'" } ?? "when somebody starts it")"
        )
        return lines
    }

    func state(_ item: PlannedItem?) -> String {
        guard let item else { return "not yet due" }
        let reason = item.reason ?? ""
        return item.action == "keep" ? "stays: \(reason)" : "next run: \(item.action), \(reason)"
    }
}
