import CygniEngines
import CygniModel

/// Puts a plan together from verdicts, project by project, so that only what goes is held in memory.
struct Deciding {
    let settings: ReapSettings
    let facts: ForgeFacts
    let engines: EngineFacts
    let now: Timestamp

    private(set) var plan = ReapPlan()
    /// Previews that are not on their way out.
    private(set) var live = 0
    private var marked = 0
    /// See ``ReapBrake/expected``.
    private var expected: [String: Int] = [:]
    private let places: Places
    /// What is to be put right for previews of which nobody here can tell, each with how many these are.
    private var unplaced: [SideFault: Int] = [:]

    init(settings: ReapSettings, facts: ForgeFacts, engines: EngineFacts, now: Timestamp) {
        self.settings = settings
        self.facts = facts
        self.engines = engines
        self.now = now
        places = Places(engines)
    }

    /// Takes all previews of one project that are not reaped.
    mutating func take(_ previews: [Preview]) {
        guard let first = previews.first else { return }
        let policy = settings.policy(plan: first.plan, project: first.project)
        let judge = Judge(policy: policy, facts: facts, now: now, places: places)
        for (preview, verdict) in zip(previews, judge.verdicts(previews)) {
            if let engine = places.expected(preview) { expected[engine, default: 0] += 1 }
            if let fault = places.fault(preview) { unplaced[fault, default: 0] += 1 }
            if places.isLost(preview, asked: now) { plan.count("lost") }
            if preview.state == .reaping { going(preview, verdict) } else { standing(preview, verdict, policy) }
        }
    }

    /// One that was marked to go.
    private mutating func going(_ preview: Preview, _ verdict: Verdict) {
        marked += 1
        let rule = preview.reapRule ?? "?"
        guard !preview.isBegun else {
            if let why = places.unknown(preview) {
                plan.count("unknown")
                plan.keep(preview.name, "unknown: deleting it was begun, and \(why): \(preview.words)")
                return
            }
            plan.add(
                .reap(preview),
                preview.name,
                "reap",
                "\(rule): deleting it was begun: \(preview.words)",
                preview.fingerprint
            )
            return
        }
        switch verdict {
        case .lives: restore(preview, "its end by \(rule) does not hold any more")
        case .stays(let why): restore(preview, why)
        case .unknown(let why):
            plan.count("unknown")
            plan.keep(preview.name, "unknown: \(why): \(preview.words)")
        case .ends(let rule, let why):
            if let until = preview.restoreUntil, until > now {
                plan.count("restorable")
                plan.keep(
                    preview.name,
                    "\(rule.rawValue): \(why); can be restored until \(until.rfc3339): \(preview.words)"
                )
            } else {
                plan.add(
                    .reap(preview),
                    preview.name,
                    "reap",
                    "\(rule.rawValue): \(why): \(preview.words)",
                    preview.fingerprint
                )
            }
        }
    }

    private mutating func restore(_ preview: Preview, _ why: String) {
        plan.add(.restore(preview, why), preview.name, "restore", "\(why): \(preview.words)", preview.fingerprint)
    }

    private mutating func standing(_ preview: Preview, _ verdict: Verdict, _ policy: Policy) {
        live += 1
        switch verdict {
        case .lives(let until, let rule):
            plan.count("live")
            let isNear = isNear(until)
            if let until, isNear, preview.noticedAt == nil {
                notify(preview, "ends by \(rule?.rawValue ?? "?") at \(until.rfc3339)", until)
            }
            if isNear ? preview.endSeen != nil || !preview.hasEndRow : preview.hasEndRow {
                plan.sightings.append(Sighting(preview, isNear ? rule : nil, isSeen: false))
            }
        case .stays(let why):
            plan.count("kept")
            plan.keep(preview.name, "\(why): \(preview.words)")
            if preview.hasEndRow { plan.sightings.append(Sighting(preview, nil, isSeen: false)) }
        case .unknown(let why):
            // What was seen before is neither confirmed nor taken back.
            plan.count("unknown")
            plan.keep(preview.name, "unknown: \(why): \(preview.words)")
        case .ends(let rule, let why): ending(preview, rule, why, policy)
        }
    }

    private mutating func ending(_ preview: Preview, _ rule: Rule, _ why: String, _ policy: Policy) {
        var counts = (preview.endSeen ?? now) + policy.grace
        if !rule.isKnown, canNotify(preview) {
            counts = max(counts, (preview.noticedAt ?? now) + settings.notice.before)
        }
        if counts <= now {
            let deletes = policy.grace == .zero
            plan.add(
                .mark(preview, rule, grace: policy.grace, deletes: deletes),
                preview.name,
                deletes ? "reap" : "mark",
                "\(rule.rawValue): \(why): \(preview.words)",
                preview.fingerprint
            )
            return
        }
        plan.count("ending")
        plan.keep(
            preview.name,
            "\(rule.rawValue): \(why); counts when it is seen again from \(counts.rfc3339) on: \(preview.words)"
        )
        plan.sightings.append(Sighting(preview, rule, isSeen: true))
        if preview.noticedAt == nil { notify(preview, "ends by \(rule.rawValue): \(why)", counts) }
    }

    private func isNear(_ until: Timestamp?) -> Bool {
        guard settings.notice.by != .none, let until else { return false }
        return until - settings.notice.before <= now
    }

    private func canNotify(_ preview: Preview) -> Bool {
        settings.notice.by == .webhook || (settings.notice.by == .comment && preview.pullRequest != nil)
    }

    private mutating func notify(_ preview: Preview, _ why: String, _ at: Timestamp) {
        guard canNotify(preview) else { return }
        plan.add(.notify(preview, why, at: at), preview.name, "notify", "\(why): \(preview.words)", preview.fingerprint)
    }

    /// Adds what has our labels and no preview, and stops what takes too much.
    ///
    /// - Parameters:
    ///   - orphans: with whether each was seen long enough ago before.
    ///   - faults: what the sides did not tell, for a person.
    mutating func finish(orphans: [(object: EngineObject, isDue: Bool)], faults: [SideFault], limit: Int) -> ReapPlan {
        let faults =
            faults
            + unplaced.map { fault, count in
                SideFault(side: fault.side, text: "\(count) \(fault.text)", isLocal: true)
            }.sorted { $0.side < $1.side }
        plan.orphans = orphans.map(\.object)
        if !orphans.isEmpty { plan.counts["orphans"] = orphans.count }
        for (object, isDue) in orphans {
            if isDue, settings.orphans.delete {
                plan.add(
                    .removeOrphan(object),
                    object.words,
                    "remove",
                    "no preview \(object.deployment.printable) is in the ledger",
                    object.ref
                )
            } else {
                plan.keep(object.words, "no preview \(object.deployment.printable) is in the ledger", action: "orphan")
            }
        }
        for fault in faults { plan.keep(fault.side, fault.text, action: "unknown") }
        plan.faults = faults.filter { !$0.isHeldBack }
        if !faults.isEmpty { plan.counts["faults"] = faults.count }
        plan.counts["previews"] = live
        if limit > 0 { plan.entries = Array(plan.entries.prefix(limit)) }
        let reasons = ReapBrake(
            settings: settings.brake,
            faults: faults,
            engines: engines,
            forges: facts,
            live: live,
            marked: marked,
            expected: expected
        ).reasons(for: plan)
        (plan.blind, plan.brake) = (reasons.blind, reasons.blind + reasons.much)
        let going = Set(plan.entries.compactMap(\.step.deleted?.name))
        plan.objects = Dictionary(
            grouping: engines.objects.filter { going.contains($0.deployment.lowercased()) },
            by: { $0.deployment.lowercased() }
        )
        return plan
    }
}
