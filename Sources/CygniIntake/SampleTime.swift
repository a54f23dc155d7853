import CygniModel

/// Reads the time of a sample: written out, or counted from 1970 in seconds, or in milli-, micro- or nanoseconds.
package struct SampleTime {
    private var calendar = CalendarTime()

    package init() {}

    /// The time in microseconds since 1970.
    package mutating func parse(_ text: ByteView) throws(RowFault) -> Int64 {
        guard !text.isEmpty else { throw RowFault("time: is empty") }
        if let moment = calendar.parse(text) { return try Self.checked(moment, text) }
        if let moment = Self.counted(text) { return try Self.checked(moment, text) }
        throw RowFault(
            "time: cannot be read, neither as 2026-11-22T03:17:00Z nor as seconds since 1970: "
                + RowFault.excerpt(text)
        )
    }

    /// Refuses what has no place in the database.
    package static func checked(_ moment: Int64, _ text: ByteView) throws(RowFault) -> Int64 {
        guard range.contains(moment) else { throw RowFault("time: not from 1970 to 2199: \(RowFault.excerpt(text))") }
        return moment
    }

    /// 1970 to 2199, the days that there can be partitions for.
    package static let range: Range<Int64> = 0..<7_258_118_400_000_000

    /// A number of seconds, or of the smaller unit in which it is a time before 2200.
    private static func counted(_ text: ByteView) -> Int64? {
        var cursor = TextCursor(text)
        if let whole = cursor.number(atMost: 18) {
            if cursor.isAtEnd { return scaled(Int64(whole)) }
            if cursor.take(byte(".")), whole < range.upperBound / 1_000_000 {
                // Exact to the microsecond, which a double is not.
                var microseconds = Int64(whole) * 1_000_000
                var scale: Int64 = 100_000
                while let digit = cursor.takeDigit() {
                    microseconds += Int64(digit & 15) * scale
                    scale /= 10
                }
                if cursor.isAtEnd { return microseconds }
            }
        }
        guard let value = FloatText.parse(text), value.isFinite, abs(value) < 9e18 else { return nil }
        let whole = value.rounded(.towardZero)
        return scaled(Int64(whole)).map { $0 + (abs(value) < 7_258_118_400 ? Int64((value - whole) * 1e6) : 0) }
    }

    private static func scaled(_ count: Int64) -> Int64? {
        let seconds = range.upperBound / 1_000_000
        if count < seconds {
            return count.multipliedReportingOverflow(by: 1_000_000).overflow ? nil : count * 1_000_000
        }
        if count < seconds * 1000 { return count * 1000 }
        if count < seconds * 1_000_000 { return count }
        return count / 1000
    }
}
