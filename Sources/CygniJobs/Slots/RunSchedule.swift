package import CygniModel

/// When a job is expected to run, and how late is late.
package struct RunSchedule: Hashable, Sendable {
    package var slots: ZonedSchedule
    /// Schedule and zone as they are written; what was noted for others is void.
    package var text: String
    /// How long after its slot a run may start.
    package var startGrace: Duration
    /// How long after its slot a run should have ended.
    package var runGrace: Duration

    package init(slots: ZonedSchedule, text: String, startGrace: Duration, runGrace: Duration) {
        self.slots = slots
        self.text = text
        self.startGrace = startGrace
        self.runGrace = max(startGrace, runGrace)
    }

    /// How far a host's clock may be behind that of the one that wrote the schedule's moment.
    static let tolerance = Duration.seconds(5)

    /// The slot that a run started by the schedule is for: the newest that has come.
    package func slot(at start: Timestamp) -> Timestamp? {
        slots.newest(through: start + Self.tolerance, limit: 1).first
    }
}

/// Which slots to note as expected.
enum SlotNotes {
    /// Slots after a silence and ahead, at most as many each.
    static let limit = 300
    static let horizon = Duration.days(1)

    /// - Parameters:
    ///   - last: the newest slot that is noted; nil: none.
    ///   - own: the slot of the run that notes.
    /// - Returns: the run's own first, the others in order; after a long silence only the newest of what was missed, so that it costs the same.
    static func due(_ schedule: ZonedSchedule, last: Timestamp?, own: Timestamp, now: Timestamp) -> [Timestamp] {
        let present = max(own, now)
        let missed = schedule.newest(through: present, limit: limit).reversed().filter { $0 >= (last ?? own) }
        let coming = schedule.slots(after: present, limit: limit)
        let ahead = coming.prefix(1) + coming.dropFirst().prefix { $0 <= present + horizon }
        let fresh = (missed + ahead).filter { slot in last.map { slot > $0 } ?? true }
        // A slot that is made up for may be older than all that was ever noted.
        return fresh.contains(own) ? fresh : [own] + fresh
    }
}
