import CygniIntake
import CygniModel

/// The days an import has rows for. Each needs a partition, so there is a limit: one wrong clock must not make thousands.
struct DayRegister {
    let limit: Int
    private var seen: Set<Int> = []
    private var last = Int.min

    init(limit: Int) {
        self.limit = limit
    }

    /// Notes the day of a moment; a day that is new goes to the batch as well.
    mutating func admit(_ microseconds: Int64, _ batch: inout CopyBatch) throws(RowFault) {
        let day = Int(microseconds / 86_400_000_000)
        if day == last { return }
        if !seen.contains(day) {
            guard seen.count < limit else {
                throw RowFault(
                    "time: would be day \(limit + 1) of this import, and each has a partition; see --max-days"
                )
            }
            seen.insert(day)
            batch.newDays.append(day)
        }
        last = day
    }
}

/// Days in a row, both included.
struct DaySpan: Hashable, Sendable {
    var first: Int
    var last: Int

    /// Groups days into spans of neighbours, none longer than `limit`.
    static func spans(of days: [Int], limit: Int = 100) -> [DaySpan] {
        var spans: [DaySpan] = []
        for day in days.sorted() {
            if let span = spans.last, day <= span.last + 1, day - span.first < limit {
                spans[spans.count - 1].last = day
            } else {
                spans.append(DaySpan(first: day, last: day))
            }
        }
        return spans
    }

    var from: CivilDate { CivilDate(daysSinceEpoch: first) }
    var through: CivilDate { CivilDate(daysSinceEpoch: last) }
}
