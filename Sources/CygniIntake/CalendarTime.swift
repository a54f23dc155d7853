import CygniModel

/// Reads a written date and time, `2026-11-22T03:17:00.123Z` and its looser relatives, as microseconds since 1970.
///
/// The day and the time may be joined by `T` or a blank, the day's parts by `-` or `/`; seconds, fraction and zone may be
/// missing. No zone is UTC. Digits past the microsecond are dropped.
package struct CalendarTime {
    /// A day is asked for many times in a row; the last answer saves its arithmetic.
    private var lastDay = (year: 0, month: 0, day: 0, microseconds: Int64(0))

    package init() {}

    /// Takes a time off the front of a text; nil, and the cursor where it was, when there is none.
    package mutating func take(_ cursor: inout TextCursor) -> Int64? {
        var ahead = cursor
        guard let day = takeDay(&ahead), ahead.take(byte("T")) || ahead.take(byte(" ")) || ahead.take(byte("t")),
            let time = Self.takeTime(&ahead)
        else { return nil }
        let zone = Self.takeZone(&ahead) ?? 0
        cursor = ahead
        return day + time - zone
    }

    /// Reads a whole text, a day alone included; nil when it is anything else.
    package mutating func parse(_ text: ByteView) -> Int64? {
        var cursor = TextCursor(text)
        if let moment = take(&cursor) { return cursor.isAtEnd ? moment : nil }
        guard let day = takeDay(&cursor), cursor.isAtEnd else { return nil }
        return day
    }

    private mutating func takeDay(_ cursor: inout TextCursor) -> Int64? {
        guard let year = cursor.digits(4), let separator = cursor.peek,
            separator == byte("-") || separator == byte("/"),
            cursor.take(separator), let month = cursor.digits(2), cursor.take(separator), let day = cursor.digits(2)
        else { return nil }
        return microseconds(year: year, month: month, day: day)
    }

    /// The start of a day; nil when there is no such day.
    package mutating func microseconds(year: Int, month: Int, day: Int) -> Int64? {
        if lastDay.day == day, lastDay.month == month, lastDay.year == year { return lastDay.microseconds }
        guard (1...12).contains(month), (1...31).contains(day), year >= 1 else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        let days = date.daysSinceEpoch
        guard CivilDate(daysSinceEpoch: days) == date else { return nil }
        lastDay = (year, month, day, Int64(days) * 86_400_000_000)
        return lastDay.microseconds
    }

    /// `03:17`, `03:17:00`, `03:17:00.123` or with a comma; a leap second counts as the first of the next minute.
    package static func takeTime(_ cursor: inout TextCursor) -> Int64? {
        guard let hour = cursor.digits(2), cursor.take(byte(":")), let minute = cursor.digits(2), hour < 24, minute < 60
        else { return nil }
        var microseconds = Int64(hour * 3600 + minute * 60) * 1_000_000
        guard cursor.take(byte(":")) else { return microseconds }
        guard let second = cursor.digits(2), second <= 60 else { return nil }
        microseconds += Int64(second) * 1_000_000
        guard cursor.peek == byte(".") || cursor.peek == byte(",") else { return microseconds }
        var ahead = cursor
        ahead.at += 1
        var scale: Int64 = 100_000
        guard ahead.peek?.isDigit == true else { return microseconds }
        while let digit = ahead.takeDigit() {
            microseconds += Int64(digit & 15) * scale
            scale /= 10
        }
        cursor = ahead
        return microseconds
    }

    /// Microseconds east of UTC: `Z`, `+02:00`, `+0200`, `+02`, and after a blank `UTC`, `GMT`, `Z` or an offset; nil when
    /// none of these stands there.
    package static func takeZone(_ cursor: inout TextCursor) -> Int64? {
        var ahead = cursor
        let hasBlank = ahead.take(byte(" "))
        if ahead.bytes.has("UTC", at: ahead.at) || ahead.bytes.has("GMT", at: ahead.at) {
            ahead.at += 3
        } else if ahead.take(byte("Z")) || ahead.take(byte("z")) {
            // Nothing to add.
        } else {
            guard let offset = takeOffset(&ahead, full: hasBlank) else { return nil }
            cursor = ahead
            return offset
        }
        if hasBlank, let next = ahead.peek, next.isLetter || next.isDigit { return nil }
        cursor = ahead
        return 0
    }

    /// - Parameter full: hours alone are no offset; after a blank they would be too easily something else.
    private static func takeOffset(_ cursor: inout TextCursor, full: Bool) -> Int64? {
        let isWest = cursor.take(byte("-"))
        guard isWest || cursor.take(byte("+")), let hours = cursor.digits(2), hours < 24 else { return nil }
        _ = cursor.take(byte(":"))
        let minutes = cursor.digits(2)
        guard minutes != nil || !full, (minutes ?? 0) < 60 else { return nil }
        let offset = Int64(hours * 60 + (minutes ?? 0)) * 60_000_000
        return isWest ? -offset : offset
    }
}
