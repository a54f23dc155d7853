import CygniModel

extension RollupPlan {
    /// Decides a run. Pure: the same facts and settings give the same plan.
    ///
    /// - Parameter limit: at most this many hours and days are computed; 0 is no limit. What is left keeps its notes.
    package init(facts: RollupFacts, settings: RollupSettings, limit: Int) {
        var decision = Decision(facts: facts, settings: settings, budget: limit == 0 ? .max : limit)
        decision.partitions()
        for day in facts.days { decision.compute(day) }
        decision.publish()
        decision.seal()
        decision.merge()
        decision.dropRetired()
        decision.audit()
        self = decision.plan
        set("dirty_hours", facts.notes.count)
        if let rebuild = facts.rebuild {
            let days = rebuild.last.daysSinceEpoch - rebuild.first.daysSinceEpoch + 1
            set("days_without_samples", days - facts.days.count { rebuild.contains($0.date) })
        }
        if facts.parkedHours > 0 { set("parked_hours", facts.parkedHours) }
    }
}

/// A plan in the making.
private struct Decision {
    let facts: RollupFacts
    let settings: RollupSettings
    var budget: Int
    var plan = RollupPlan()
    private let notes: [CivilDate: [RollupFacts.Note]]
    private var built: Set<CivilDate> = []
    private var computed: Set<CivilDate> = []
    private var unfinished: Set<CivilDate> = []
    private var changesRelations = false
    private var replacesRelations = false

    /// Views are rewritten once for this many days built, so that a long import is readable as it goes.
    private static let daysPerPublish = 32

    init(facts: RollupFacts, settings: RollupSettings, budget: Int) {
        self.facts = facts
        self.settings = settings
        self.budget = budget
        notes = Dictionary(grouping: facts.notes) { $0.hour.date }
    }

    private func isPast(_ day: CivilDate) -> Bool { day.end + settings.sealAfter <= facts.now }

    mutating func partitions() {
        guard facts.missingPartitions > 0 else { return }
        let last = CivilDate(daysSinceEpoch: facts.now.date.daysSinceEpoch + settings.partitionsAhead)
        plan.add(
            .makePartitions(facts.now.date, through: last),
            "\(facts.now.date.text)..\(last.text)",
            "make_partitions",
            "\(facts.missingPartitions) days have no partition yet"
        )
    }

    mutating func compute(_ day: RollupFacts.Day) {
        let noted = notes[day.date] ?? []
        let isAsked = facts.rebuild?.contains(day.date) ?? false
        if isAsked || (day.isSealed == nil && !noted.isEmpty && isPast(day.date)) {
            guard day.hasRaw else { return refuse(day) }
            return build(day, noted, isAsked: isAsked)
        }
        guard !noted.isEmpty || day.isStale else { return }
        if day.isSealed == nil, !day.hasRelations, budget > 0 {
            changesRelations = true
            plan.add(.openDay(day.date), day.date.text, "open_day", "first samples of this day")
        }
        var (handled, recomputed) = (0, 0)
        for note in noted {
            guard budget > 0 else { break }
            budget -= 1
            handled += 1
            if day.isSealed == true, note.rows == 0, !note.isAudited {
                let why = "\(note.removed) raw samples of a sealed day were removed; its roll-up stands"
                plan.add(.dismiss(note.hour), note.hour.hourText, "dismiss", why)
                continue
            }
            recomputed += 1
            if !note.hasRelation { changesRelations = true }
            plan.add(.refreshHour(note.hour), note.hour.hourText, "refresh_hour", reason(note, day))
        }
        if handled < noted.count { unfinished.insert(day.date) }
        guard recomputed > 0 || day.isStale else { return }
        computed.insert(day.date)
        let cause = recomputed > 0 ? "hours of it computed again: \(recomputed)" : "an earlier run was cut off"
        plan.add(.refreshDay(day.date), day.date.text, "refresh_day", cause)
    }

    /// A day without raw samples keeps what is rolled up; one that was asked for says so.
    private mutating func refuse(_ day: RollupFacts.Day) {
        guard facts.rebuild?.contains(day.date) == true else { return }
        let why =
            "the raw samples of \(day.date.text) are gone, so it cannot be computed again; what is rolled up stands. Restore its partition from the archive first"
        plan.add(.refuse(day.date, why), day.date.text, "refuse", "its raw samples are gone, what is rolled up stands")
    }

    private mutating func build(_ day: RollupFacts.Day, _ noted: [RollupFacts.Note], isAsked: Bool) {
        guard budget > 0 else {
            unfinished.insert(day.date)
            return
        }
        budget -= 1
        built.insert(day.date)
        changesRelations = true
        if day.hasRelations { replacesRelations = true }
        let rows = noted.reduce(0) { $0 + $1.rows }
        let why = isAsked ? "asked for" : "\(rows) samples of a past day\(cost(rows))"
        plan.add(.buildDay(day.date), day.date.text, "build_day", why)
        if built.count % Self.daysPerPublish == 0 { plan.add(.publish, "views after \(day.date.text)", "publish", nil) }
    }

    mutating func publish() {
        guard changesRelations || facts.isUnpublished else { return }
        plan.add(.publish, "views", "publish", facts.isUnpublished ? "an earlier run was cut off" : "relations change")
    }

    /// When a day may be sealed. Sealing copies the day, so where late samples trickle in, it waits for them as it did
    /// for the first ones.
    private func isDue(_ day: RollupFacts.Day) -> Bool {
        if built.contains(day.date) { return true }
        if day.isSealed == true { return computed.contains(day.date) && settings.sealAfter == .zero }
        guard day.isSealed == false, day.hasRelations || computed.contains(day.date) else { return false }
        return day.reopenedAt.map { $0 + settings.sealAfter <= facts.now } ?? true
    }

    /// Days that are past, complete, and that no running transaction may still be writing to.
    mutating func seal() {
        for day in facts.days where isPast(day.date) && !unfinished.contains(day.date) && isDue(day) {
            guard day.hasRaw, !day.isPruned else { continue }
            guard day.isSettled else {
                plan.set("days_waiting_for_writers", (plan.counts["days_waiting_for_writers"] ?? 0) + 1)
                continue
            }
            replacesRelations = true
            plan.add(
                .seal(day.date),
                day.date.text,
                "seal",
                "its last late sample was due \(((day.reopenedAt ?? day.date.end) + settings.sealAfter).description)"
            )
        }
    }

    mutating func merge() {
        let sealed = plan.entries.compactMap {
            if case .seal(let day) = $0.step { day.start.startOfMonth } else { nil }
        }
        let months = Set(sealed + facts.mergeableMonths).filter { month in
            CivilDate(daysSinceEpoch: month.date.daysSinceEpoch + 31).start.startOfMonth + settings.sealAfter
                <= facts.now
        }
        for month in months.sorted() {
            plan.add(
                .mergeMonth(month),
                String(month.description.prefix(7)),
                "merge_month",
                "every day of it is sealed"
            )
        }
        if !sealed.isEmpty || !months.isEmpty {
            replacesRelations = true
            plan.add(.publish, "views after sealing", "publish", "relations are merged")
        }
    }

    mutating func dropRetired() {
        guard replacesRelations || facts.retiredRelations > 0 else { return }
        plan.add(.dropRetired, "retired relations", "drop", "no view reads them")
    }

    mutating func audit() {
        for hour in facts.auditCandidates where notes[hour.date]?.contains(where: { $0.hour == hour }) != true {
            plan.add(.audit(hour), hour.hourText, "audit", "drawn at random")
        }
    }

    private func reason(_ note: RollupFacts.Note, _ day: RollupFacts.Day) -> String {
        if note.isAudited { return "an audit found it different from raw" }
        let isLate = note.refreshedAt.map { $0 >= note.hour + .hours(1) } ?? false
        var parts: [String] = []
        if note.rows > 0 { parts.append("\(note.rows) \(isLate ? "late" : "new") sample\(note.rows == 1 ? "" : "s")") }
        if note.removed > 0 { parts.append("\(note.removed) removed") }
        var text = parts.joined(separator: ", ") + " since \(note.since.description)"
        if let revision = note.revision { text += ", revision \(revision)" }
        if day.isSealed == true { text += ", the day is sealed" }
        return text + cost(note.rows)
    }

    private func cost(_ rows: Int) -> String {
        guard facts.costOfSample > 0, rows > 0 else { return "" }
        return ", about \(max(1, Int(Double(rows) * facts.costOfSample))) ms"
    }
}
