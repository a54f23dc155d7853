package import CygniConfig
package import CygniJobs
package import CygniModel

/// Which slots of a job are to be run now.
package enum DueSlots {
    /// How many are made up for at once.
    package static let limit = 100

    /// - Parameters:
    ///   - known: slots that are noted or had a run, and whether one has it.
    /// - Returns: oldest first.
    package static func of(_ schedule: RunSchedule, _ catchUp: CatchUp, known: [Timestamp: Bool], now: Timestamp)
        -> [Timestamp]
    {
        let newest = schedule.slots.newest(through: now, limit: limit)
        guard let last = newest.first else { return [] }
        let free = newest.filter { !(known[$0] ?? false) }
        switch catchUp {
        case .none: return free.contains(last) && now <= last + schedule.startGrace ? [last] : []
        case .latest: return free.contains(last) ? [last] : []
        case .all:
            // Before the first that is known the job was not there.
            let first = known.keys.min() ?? last
            return free.filter { $0 >= first }.reversed()
        }
    }
}
