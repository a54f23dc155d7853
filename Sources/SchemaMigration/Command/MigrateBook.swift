import CygniJobs
import Synchronization

/// What a run has to tell: filled while it goes, read at its end, whichever way that comes.
final class MigrateBook: Sendable {
    struct Entries: Sendable {
        var items: [ItemOutcome] = []
        var counts: [String: Int] = [:]
    }

    private let entries = Mutex(Entries())

    /// How many items a report shows.
    static let itemLimit = 1000

    var all: Entries { entries.withLock { $0 } }

    func add(_ file: String, _ action: String, _ result: ItemOutcome.Result, reason: String? = nil) {
        let item = PlannedItem(id: file, action: action, reason: reason)
        entries.withLock { $0.items.append(ItemOutcome(item: item, result)) }
    }

    func count(_ name: String, _ number: Int) {
        entries.withLock { $0.counts[name] = number }
    }
}
