import CygniModel

extension RetentionPlan {
    /// Decides, as a pure function of facts and settings.
    ///
    /// - Parameter limit: at most this many steps; 0: all.
    package init(facts: RetentionFacts, settings: RetentionSettings, limit: Int) {
        resolved = facts.policies
        for name in facts.missing { keep(name, "there is no such table; its policy does nothing") }
        for name in facts.newClasses {
            add(.addClass(name), name, "add_class", "its lines get partitions of their own")
        }
        if !facts.pending.isEmpty {
            add(.finalize, facts.pending.joined(separator: " "), "finalize", "its detachment was begun and cut off")
        }
        if !facts.copies.isEmpty {
            add(.dropCopies, facts.copies.joined(separator: " "), "drop_copies", "a run that made them ended early")
        }
        for leaf in facts.leaves { decide(leaf, facts, settings) }
        for table in facts.tables { decide(table) }
        for receipt in facts.openReceipts {
            let reason = "\(receipt.rows) rows went in a run that ended early"
            add(.closeReceipt(receipt), receipt.item, "close_receipt", reason, fingerprint: receipt.id)
        }
        for entry in facts.quarantine { decide(entry) }
        decide(facts.archives)
        for relation in facts.rollups {
            let id = relation.relation
            if let held = relation.held { keep(id, "legal hold: \(held)"); continue }
            let reason = "level \(relation.level) ends \(relation.range.upperBound.rfc3339)"
            add(
                .dropRelation(relation),
                id,
                "drop_rollup",
                reason,
                policy: "metrics_\(relation.level)",
                rows: 0,
                fingerprint: id
            )
        }
        for segment in facts.segments {
            let id = "audit_log \(segment.tenant ?? "platform") to \(segment.lastSequence)"
            if let held = segment.held { keep(id, "legal hold: \(held)"); continue }
            let reason =
                "\(segment.rows) entries of before \(segment.last.rfc3339); the head's hash and their count stay"
            add(
                .closeSegment(segment),
                id,
                "close_segment",
                reason,
                policy: "audit_log",
                rows: segment.rows,
                fingerprint: id
            )
        }
        brake = Brake(facts: facts, settings: settings.brake).reasons(for: self)
        if limit > 0 { entries = Array(entries.prefix(limit)) }
    }

    // MARK: - Days

    private mutating func decide(
        _ leaf: RetentionFacts.Leaf,
        _ facts: RetentionFacts,
        _ settings: RetentionSettings
    ) {
        guard let policy = facts.policies.first(where: { $0.name == leaf.policy }) else { return }
        let end = leaf.range.upperBound
        func isDue(_ keep: Duration) -> Bool { end <= Policy.horizon(facts.now, keep) }
        let keep = policy.keep(leaf.retentionClass)
        guard let share = Self.share(of: leaf, policy, isDue: isDue) else { return }
        let words = "kept \(keep.text), ended \(end.rfc3339)"
        let chosen = share.tenants.reduce(0) { $0 + (leaf.tenants[$1] ?? 0) }
        let all = leaf.tenants.values.reduce(0, +)
        let gone = share.spares ? all - chosen : chosen
        guard share.tenants.isEmpty || gone > 0 else {
            return self.keep(leaf.name, "all that is left of it is kept for \(share.words)")
        }
        if let first = leaf.obstacles.first {
            self.keep(leaf.name, leaf.obstacles.map(\.reason).joined(separator: "; "))
            counts["kept_for_\(first.code)", default: 0] += 1
            if first.code != "hold" { noteOverdue(leaf.policy, leaf.range.lowerBound) }
            return
        }
        guard !share.tenants.isEmpty else {
            return add(
                .detach(leaf),
                leaf.name,
                "detach",
                "\(words); the whole partition",
                policy: leaf.policy,
                rows: leaf.rows,
                fingerprint: leaf.fingerprint
            )
        }
        let percent = gone * 100 / max(1, all)
        let whose =
            share.spares ? "all but those of \(share.words)" : "those of \(share.words)"
        let (step, action): (RetentionStep, String) =
            percent >= settings.rewritePercent
            ? (.rewrite(leaf, share), "rewrite") : (.deleteFrom(leaf, share), "delete")
        add(
            step,
            leaf.name,
            action,
            "\(words); \(gone) of \(all) rows (\(percent) %), \(whose)",
            policy: leaf.policy,
            rows: gone,
            fingerprint: leaf.fingerprint
        )
    }

    /// Whose rows are due: nil nobody's; no tenants everybody's.
    static func share(of leaf: RetentionFacts.Leaf, _ policy: Policy, isDue: (Duration) -> Bool) -> Share? {
        let present = policy.exceptions.filter { leaf.tenants[$0.tenant] != nil }
        if isDue(policy.keep(leaf.retentionClass)) {
            let longer = present.filter { !isDue($0.keep) }.map(\.tenant)
            return Share(tenants: Set(longer).union(leaf.heldTenants).sorted(), spares: true)
        }
        let shorter = present.filter { isDue($0.keep) }.map(\.tenant).filter { !leaf.heldTenants.contains($0) }
        return shorter.isEmpty ? nil : Share(tenants: shorter.sorted(), spares: false)
    }

    mutating func noteOverdue(_ policy: String, _ oldest: Timestamp) {
        overdue[policy] = min(overdue[policy] ?? oldest, oldest)
    }

    // MARK: - Rows, quarantine, objects

    private mutating func decide(_ table: RetentionFacts.RowTable) {
        for due in table.due {
            let id = due.slug.map { "\(table.policy) of \($0)" } ?? table.policy
            if due.held > 0 {
                keep(id, "\(due.held) rows under a legal hold: \(table.holds.map(\.reason).joined(separator: "; "))")
            }
            guard due.rows > due.held else { continue }
            add(
                .deleteRows(table, due),
                id,
                "delete",
                "\(due.rows - due.held) rows of before \(due.before.rfc3339), by \(table.hasTimeIndex ? "the time's index" : "pages, as no index begins with \(table.timeColumn)")",
                policy: table.policy,
                rows: due.rows - due.held,
                fingerprint: id
            )
        }
    }

    private mutating func decide(_ entry: RetentionFacts.Quarantined) {
        if let obstacle = entry.obstacle { return keep("\(entry.partition), taken out", obstacle) }
        add(
            .drop(entry),
            entry.partition,
            "drop",
            "in quarantine until \(entry.dropAfter.rfc3339), which is past",
            fingerprint: entry.id
        )
    }

    private mutating func decide(_ archives: [RetentionFacts.DueArchive]) {
        var batch: [RetentionFacts.DueArchive] = []
        for archive in archives {
            if let held = archive.held { keep(archive.objectKey, held) } else { batch.append(archive) }
        }
        for start in stride(from: 0, to: batch.count, by: Self.objectsPerStep) {
            let part = Array(batch[start..<min(start + Self.objectsPerStep, batch.count)])
            add(
                .objects(part),
                "archives \(part[0].objectKey)" + (part.count > 1 ? " and \(part.count - 1) more" : ""),
                "delete_objects",
                "\(part.count) archives of before \(part.map(\.rangeEnd).max()?.rfc3339 ?? "")",
                policy: "archives",
                rows: part.reduce(0) { $0 + $1.rows },
                fingerprint: part.map(\.id).joined()
            )
        }
    }

    /// An archive is an object and its manifest, and a store deletes a thousand at once.
    private static let objectsPerStep = 500
}
