package import CygniJobs
package import CygniModel

/// One step of an archive run; each ends with its receipt, or with nothing that counts.
package enum ArchiveStep: Sendable, Hashable {
    /// Archives the rows of a range of time.
    case slice(TableSource, Range<Timestamp>)
    /// Archives the rows that came to a range since its last archive.
    case late(TableSource, Range<Timestamp>)
    /// Proves an object that an earlier run stored but did not come to verify.
    case finish(Receipt)
    case file(FileFact)
    /// Does with an archived file what the settings say.
    case dispose(FileFact, archive: String)
    /// Lets go of uploads that nobody completes.
    case dropStrays
    /// Nothing, and why.
    case skip
}

/// What an archive run means to do, in order.
package struct ArchivePlan: JobPlan {
    package struct Entry: Sendable, Hashable {
        package let step: ArchiveStep
        package let item: PlannedItem
    }

    package private(set) var entries: [Entry] = []
    package private(set) var counts: [String: Int] = [:]
    /// Sources that are left alone; shown in a dry run.
    package private(set) var skipped: [PlannedItem] = []
    /// Whether ``skipped`` is part of ``items``.
    package var showsSkipped = false

    package var items: [PlannedItem] { entries.map(\.item) + (showsSkipped ? skipped : []) }

    mutating func add(_ step: ArchiveStep, _ id: String, _ action: String, _ reason: String?) {
        entries.append(Entry(step: step, item: PlannedItem(id: id, action: action, reason: reason)))
    }

    mutating func skip(_ id: String, _ reason: String) {
        skipped.append(PlannedItem(id: id, action: "skip", reason: reason))
        count("sources_skipped", 1)
    }

    mutating func count(_ key: String, _ by: Int) {
        counts[key, default: 0] += by
    }

    /// Keeps the first `limit` steps; 0 keeps all.
    mutating func cut(to limit: Int) {
        if limit > 0 { entries = Array(entries.prefix(limit)) }
    }
}
