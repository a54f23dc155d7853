/// The numbers that one field of a cron schedule names.
struct CronField: Hashable, Sendable {
    private var bits: UInt64 = 0
    private let range: ClosedRange<Int>
    /// Cron's rule for the two day fields looks at how the field is written, not at what it names.
    let startsWithStar: Bool

    init(_ values: some Sequence<Int>, of range: ClosedRange<Int>, startsWithStar: Bool) {
        self.range = range
        self.startsWithStar = startsWithStar
        for value in values { bits |= 1 << UInt64(value) }
    }

    init(all range: ClosedRange<Int>) {
        self.init(range, of: range, startsWithStar: true)
    }

    init(only value: Int) {
        self.init([value], of: value...value, startsWithStar: false)
    }

    func contains(_ value: Int) -> Bool {
        bits & (1 << UInt64(value)) != 0
    }

    /// In rising order.
    var values: [Int] {
        range.filter(contains)
    }

    var isFull: Bool {
        range.allSatisfy(contains)
    }
}
