package import CygniJobs
package import CygniModel

/// One step of a roll-up; each is one transaction, and leaves everything consistent.
package enum RollupStep: Sendable, Hashable {
    /// Makes the day partitions of raw samples and log lines, both days included.
    case makePartitions(CivilDate, through: CivilDate)
    /// Readies a day for rolling up hour by hour.
    case openDay(CivilDate)
    case refreshHour(Timestamp)
    /// Lets go of the note that raw samples of a sealed day were removed.
    case dismiss(Timestamp)
    case refreshDay(CivilDate)
    /// Rolls up a past day at once.
    case buildDay(CivilDate)
    /// Makes the views read what the registry has.
    case publish
    case seal(CivilDate)
    case mergeMonth(Timestamp)
    /// Drops relations that no view reads any more.
    case dropRetired
    case audit(Timestamp)
    /// Says of a day that was asked for why it is not computed again.
    case refuse(CivilDate, String)
}

/// What a roll-up means to do, in order.
package struct RollupPlan: JobPlan {
    package struct Entry: Sendable, Hashable {
        package let step: RollupStep
        package let item: PlannedItem
    }

    package private(set) var entries: [Entry] = []
    package private(set) var counts: [String: Int] = [:]

    package var items: [PlannedItem] { entries.map(\.item) }

    mutating func add(_ step: RollupStep, _ id: String, _ action: String, _ reason: String?) {
        entries.append(Entry(step: step, item: PlannedItem(id: id, action: action, reason: reason)))
    }

    mutating func set(_ count: String, _ value: Int) {
        counts[count] = value
    }
}
