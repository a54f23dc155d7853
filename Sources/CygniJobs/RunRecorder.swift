import Synchronization

/// What became of one item.
package struct ItemOutcome: Hashable, Sendable {
    package enum Result: String, Hashable, Sendable, CaseIterable {
        /// In a dry run: it would be done.
        case planned
        /// In a dry run: it stays as it is.
        case kept
        /// A look at the state found it not done yet.
        case pending
        case done
        case failed
    }

    package let item: PlannedItem
    package let result: Result
    /// Why it was due or, for one that failed, why it failed.
    package let reason: String?

    package init(item: PlannedItem, _ result: Result, reason: String? = nil) {
        self.item = item
        self.result = result
        self.reason = reason ?? item.reason
    }
}

/// Collects items and counts of a run, over all of its attempts.
///
/// Holds at most ``itemLimit`` items, so that a run over millions stays flat in memory; its totals are always whole.
final class RunRecorder: Sendable {
    /// How many items a report shows.
    static let itemLimit = 1000

    struct Totals: Sendable {
        var outcomes: [ItemOutcome] = []
        var results: [ItemOutcome.Result: Int] = [:]
        var planned: [String: Int] = [:]
        var counted: [String: Int] = [:]
        /// Begun and not yet ended, in the order they began.
        var inHand: [PlannedItem] = []
        /// Items of the latest plan.
        var planSize = 0
        var answer: PlanAnswer?

        var isTruncated: Bool { results.values.reduce(0, +) > outcomes.count }
        var finished: Int { results[.done, default: 0] + results[.failed, default: 0] }
        /// The run's own numbers win over the plan's.
        var counts: [String: Int] { planned.merging(counted) { _, counted in counted } }
    }

    fileprivate struct State {
        var totals = Totals()
        var places: [PlannedItem: Int] = [:]
        /// Failures of items that no longer fit into `outcomes`.
        var failedBeyond: Set<PlannedItem> = []
    }

    private let state = Mutex(State())

    var totals: Totals { state.withLock { $0.totals } }

    /// A plan was decided; the first one of a run saw everything, so a later attempt's counts only add what is new.
    func planned(_ plan: some JobPlan) {
        let counts = plan.counts
        let size = plan.size
        let answer = plan.answer
        state.withLock { state in
            state.totals.answer = answer
            state.totals.planned.merge(counts) { first, _ in first }
            state.totals.planSize = state.totals.finished + size
        }
    }

    func began(_ item: PlannedItem) {
        state.withLock { $0.totals.inHand.append(item) }
    }

    /// The attempt ended in the middle of this item; it counts as not begun.
    func dropped(_ item: PlannedItem) {
        state.withLock { $0.drop(item) }
    }

    func ended(_ item: PlannedItem, _ result: ItemOutcome.Result, reason: String?) {
        state.withLock { state in
            state.drop(item)
            state.record(ItemOutcome(item: item, result, reason: reason))
        }
    }

    func count(_ key: String, _ by: Int) {
        state.withLock { $0.totals.counted[key, default: 0] += by }
    }
}

extension RunRecorder.State {
    fileprivate mutating func drop(_ item: PlannedItem) {
        if let index = totals.inHand.firstIndex(of: item) { totals.inHand.remove(at: index) }
    }

    /// The last word on an item wins: one that failed in an earlier attempt may be done now.
    fileprivate mutating func record(_ outcome: ItemOutcome) {
        if let place = places[outcome.item] {
            totals.results[totals.outcomes[place].result, default: 1] -= 1
            totals.outcomes[place] = outcome
        } else if totals.outcomes.count < RunRecorder.itemLimit {
            places[outcome.item] = totals.outcomes.count
            totals.outcomes.append(outcome)
        } else if failedBeyond.remove(outcome.item) != nil {
            totals.results[.failed, default: 1] -= 1
        }
        if places[outcome.item] == nil, outcome.result == .failed { failedBeyond.insert(outcome.item) }
        totals.results[outcome.result, default: 0] += 1
    }
}
