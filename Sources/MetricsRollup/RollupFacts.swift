package import CygniModel

/// What a run decides from, read in one snapshot.
package struct RollupFacts: Sendable {
    /// What the triggers noted of one hour since it was last rolled up.
    package struct Note: Sendable, Hashable {
        package var hour: Timestamp
        /// Samples written, removed, and whether an audit asked for the hour.
        package var rows = 0
        package var removed = 0
        package var isAudited = false
        package var since: Timestamp
        /// Of the hour as it stands; nil when it was never rolled up.
        package var revision: Int?
        package var refreshedAt: Timestamp?
        /// The hour has relations of its own, so a refresh makes none.
        package var hasRelation = false

        package init(hour: Timestamp, since: Timestamp) {
            self.hour = hour
            self.since = since
        }
    }

    /// A day with notes, or open, or asked for.
    package struct Day: Sendable, Hashable {
        package var date: CivilDate
        /// nil when it was never rolled up.
        package var isSealed: Bool?
        /// When the first late sample broke its seal; nil when that never happened, or the day was built anew since.
        package var reopenedAt: Timestamp?
        /// Its day bucket is behind its hours.
        package var isStale = false
        /// No transaction that wrote to it is still running.
        package var isSettled = true
        /// Raw samples that were certified have been removed, so it can't be proven again.
        package var isPruned = false
        package var hasRelations = false
        package var hasRaw = true

        package init(date: CivilDate) {
            self.date = date
        }
    }

    package var now: Timestamp
    package var notes: [Note] = []
    package var days: [Day] = []
    /// Months that can be merged as things stand.
    package var mergeableMonths: [Timestamp] = []
    package var auditCandidates: [Timestamp] = []
    /// A view does not read what the registry has.
    package var isUnpublished = false
    package var retiredRelations = 0
    package var parkedHours = 0
    package var missingPartitions = 0
    /// Milliseconds per sample, as lately measured; zero when nothing was measured yet.
    package var costOfSample: Double = 0
    /// Days the operator asked to compute again.
    package var rebuild: RebuildRange?

    package init(now: Timestamp) {
        self.now = now
    }
}

/// Days to compute again from raw samples: `2026-11-01..2026-11-03`, both included.
package struct RebuildRange: Sendable, Hashable {
    package var first: CivilDate
    package var last: CivilDate

    /// Reads `FROM..TO` or one day; nil when it is neither, or runs backwards.
    package init?(parsing text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 1 || (parts.count == 3 && parts[1].isEmpty),
            let from = parts.first.flatMap(Self.day), let upTo = parts.last.flatMap(Self.day),
            from.daysSinceEpoch <= upTo.daysSinceEpoch
        else { return nil }
        first = from
        last = upTo
    }

    private static func day(_ text: Substring) -> CivilDate? {
        text.utf8.count == 10 ? Timestamp(parsing: text)?.date : nil
    }

    package func contains(_ date: CivilDate) -> Bool {
        (first.daysSinceEpoch...last.daysSinceEpoch).contains(date.daysSinceEpoch)
    }
}

extension CivilDate {
    /// The first moment of this day and of the next.
    var start: Timestamp { Timestamp(startOf: self) }
    var end: Timestamp { start + .days(1) }

    /// `2026-11-22`.
    var text: String { String(Timestamp(startOf: self).description.prefix(10)) }
}

extension Timestamp {
    /// `2026-11-22T13Z`: the name of an hour in plans and logs.
    var hourText: String { "\(description.prefix(13))Z" }

    /// The first moment of this moment's month.
    var startOfMonth: Timestamp {
        var day = date
        day.day = 1
        return Timestamp(startOf: day)
    }
}
