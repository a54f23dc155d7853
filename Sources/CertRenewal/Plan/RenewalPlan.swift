package import CygniJobs
package import CygniModel

/// What a run means to do, decided from rows, settings and the time alone.
package struct RenewalPlan: JobPlan {
    package let steps: [RenewalStep]
    /// What an operator asked for, before the steps.
    package var chores: [Chore] = []
    /// Domains that get a certificate by themselves.
    package let covered: [Uncovered]
    package var kept: [PlannedItem]
    package var counts: [String: Int]
    package var answer: PlanAnswer?

    /// A verified domain without a certificate.
    package struct Uncovered: Hashable, Sendable {
        package let tenant: String
        package let name: String
    }

    package init(
        _ rows: [CertificateRow],
        covered: [Uncovered] = [],
        now: Timestamp,
        isForced: Bool = false,
        limit: Int,
        servesSomewhere: Bool,
        deploysSomewhere: Bool
    ) {
        var steps: [RenewalStep] = []
        var kept: [PlannedItem] = []
        for row in rows {
            let decided = Self.decide(
                row,
                now: now,
                isForced: isForced,
                servesSomewhere: servesSomewhere,
                deploysSomewhere: deploysSomewhere
            )
            if decided.isEmpty, let at = row.nextAttemptAt {
                kept.append(PlannedItem(id: row.name, action: "wait", reason: "until \(at.rfc3339)"))
            }
            steps += decided
        }
        let free = limit == 0 ? Int.max : limit
        let ordered = Fairness.order(steps)
        self.steps = Array(ordered.prefix(free))
        self.covered = Array(covered.prefix(max(0, free - min(free, ordered.count))))
        self.kept =
            kept
            + ordered.dropFirst(free).map {
                PlannedItem(id: $0.row.name, action: $0.item.action, reason: "a later run: this one has its fill")
            }
        counts = ["looked_at": rows.count]
        for step in self.steps { counts["to_\(step.item.action)", default: 0] += 1 }
        if !self.covered.isEmpty { counts["to_cover"] = self.covered.count }
    }

    package init(_ answer: PlanAnswer) {
        (steps, covered, kept, counts) = ([], [], [], [:])
        self.answer = answer
    }

    package var size: Int { chores.count + steps.count + covered.count }

    package var items: [PlannedItem] {
        chores.map(\.item)
            + covered.map {
                PlannedItem(id: $0.name, action: "cover", reason: "a verified domain without a certificate")
            }
            + steps.map(\.item)
    }

    /// All that is to be done with one certificate now.
    package static func decide(
        _ row: CertificateRow,
        now: Timestamp,
        isForced: Bool = false,
        servesSomewhere: Bool,
        deploysSomewhere: Bool
    ) -> [RenewalStep] {
        guard row.removed.count < row.names.count else { return [.retire(row)] }
        var steps: [RenewalStep] = []
        if row.orderID != nil, row.nextAttemptAt.map({ $0 <= now }) ?? true {
            return [.issue(row, why: .resume)]
        }
        if row.isQuarantined, let proven = row.provenSince, proven > row.stateSince {
            return [.issue(row, why: .woken)]
        }
        if let due = due(row, now) {
            steps.append(.issue(row, why: due))
        } else if isForced {
            steps.append(.issue(row, why: row.isIssued ? .due : .first))
        }
        guard steps.isEmpty else { return steps }
        if row.nextAttemptAt == nil, let validity = row.validity {
            steps.append(
                .schedule(row, at: RenewalMoment.choose(validity, window: row.window, old: nil, chosen: nil, chance: 0))
            )
        }
        if let at = row.windowNextAt, at <= now, row.isIssued { steps.append(.window(row)) }
        if let at = row.lookAt, at <= now { steps.append(.look(row)) }
        let mayAct = row.isIssued && (row.probeAt.map { $0 <= now } ?? (row.state == "issued"))
        if mayAct, deploysSomewhere, row.deployedFingerprint != row.fingerprint || row.state == "unserved" {
            steps.append(.deploy(row))
        } else if mayAct, servesSomewhere, row.state != "issued" || !deploysSomewhere {
            steps.append(.probe(row))
        }
        return steps
    }

    private static func due(_ row: CertificateRow, _ now: Timestamp) -> RenewalStep.Why? {
        let isFree = row.nextAttemptAt.map { $0 <= now } ?? true
        guard isFree else { return nil }
        if row.replaceReason != nil { return .replace }
        guard let validity = row.validity else { return row.failures > 0 ? .retry : .first }
        if validity.notAfter <= now { return .expired }
        if row.failures > 0 { return .retry }
        if row.nextAttemptAt != nil { return row.window == nil ? .due : .window }
        return RenewalMoment.choose(validity, window: row.window, old: nil, chosen: nil, chance: 0) <= now ? .due : nil
    }
}

extension RenewalPlan {
    /// What an operator asked for, and what follows from it.
    package init(_ chores: [Chore], then steps: [RenewalStep] = [], kept: [PlannedItem] = []) {
        self.chores = chores
        self.steps = steps
        self.kept = kept
        covered = []
        counts = ["chores": chores.count]
    }

    /// A look at what the edge shows, for each certificate that there is.
    package init(probing rows: [CertificateRow]) {
        steps = rows.filter(\.isIssued).sorted { $0.name < $1.name }.map { .probe($0) }
        (covered, kept) = ([], [])
        counts = ["looked_at": rows.count, "to_probe": steps.count]
    }
}
