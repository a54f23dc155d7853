/// A calendar day of the proleptic Gregorian calendar, in UTC.
package struct CivilDate: Hashable, Sendable {
    package var year: Int
    package var month: Int
    package var day: Int

    package init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day that lies `days` after 1970-01-01.
    ///
    /// The arithmetic is Howard Hinnant's `civil_from_days` (chrono-Compatible Low-Level Date Algorithms), which counts
    /// years from March so that the leap day comes last.
    package init(daysSinceEpoch days: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days from 1970-01-01 to this day; the inverse of ``init(daysSinceEpoch:)``.
    package var daysSinceEpoch: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

extension Timestamp: CustomStringConvertible {
    /// The UTC day this moment falls in.
    package var date: CivilDate {
        CivilDate(daysSinceEpoch: Int(floored(to: .days(1)).microseconds / 86_400_000_000))
    }

    /// The first moment of a UTC day.
    package init(startOf date: CivilDate) {
        self.init(seconds: Int64(date.daysSinceEpoch) * 86_400)
    }

    /// RFC 3339 with milliseconds, `2026-11-22T03:17:00.123Z`: the form of the report and of the logs.
    package var rfc3339: String { text(fraction: 3) }

    /// RFC 3339 with whatever fraction is not zero, up to the microsecond; nothing is lost.
    package var description: String {
        var fraction = Int(microseconds - floored(to: .seconds(1)).microseconds)
        guard fraction != 0 else { return text(fraction: 0) }
        var digits = 6
        while fraction % 10 == 0 { (fraction, digits) = (fraction / 10, digits - 1) }
        return text(fraction: digits)
    }

    private func text(fraction count: Int) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        write(to: &bytes, fraction: count)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends RFC 3339.
    ///
    /// - Parameter count: digits of the fraction, 0 to 6.
    package func write(to text: inout [UInt8], fraction count: Int = 3) {
        let seconds = Int((microseconds >= 0 ? microseconds : microseconds - 999_999) / 1_000_000)
        let days = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
        let secondOfDay = seconds - days * 86_400
        let day = CivilDate(daysSinceEpoch: days)
        func put(_ number: Int, after mark: Unicode.Scalar) {
            text.append(UInt8(ascii: mark))
            text.append(UInt8(ascii: "0") + UInt8(number / 10))
            text.append(UInt8(ascii: "0") + UInt8(number % 10))
        }
        text += padded(day.year, 4).utf8
        put(day.month, after: "-")
        put(day.day, after: "-")
        put(secondOfDay / 3600, after: "T")
        put(secondOfDay / 60 % 60, after: ":")
        put(secondOfDay % 60, after: ":")
        if count > 0 {
            text.append(UInt8(ascii: "."))
            var fraction = Int(microseconds) - seconds * 1_000_000
            var unit = 100_000
            for _ in 0..<count {
                text.append(UInt8(ascii: "0") + UInt8(fraction / unit))
                (fraction, unit) = (fraction % unit, unit / 10)
            }
        }
        text.append(UInt8(ascii: "Z"))
    }

    /// Reads RFC 3339 (section 5.6), and the same with a space for the `T`, or a date alone.
    ///
    /// A missing zone is read as UTC. Digits past the microsecond are dropped. Returns nil for anything else, a day that
    /// does not exist included.
    package init?(parsing text: some StringProtocol) {
        self.init(reading: text.utf8)
    }

    /// The same of UTF-8, for texts that come a hundred thousand a second.
    package init?(parsing text: UnsafeRawBufferPointer) {
        self.init(reading: text)
    }

    private init?(reading text: some Collection<UInt8>) {
        var reader = DigitReader(text)
        guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2), reader.take("-"),
            let day = reader.digits(2), (1...12).contains(month), year >= 1
        else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        guard CivilDate(daysSinceEpoch: date.daysSinceEpoch) == date else { return nil }
        var microseconds = Int64(date.daysSinceEpoch) * 86_400_000_000
        if !reader.isAtEnd {
            guard reader.take("T") || reader.take("t") || reader.take(" "),
                let hour = reader.digits(2), reader.take(":"), let minute = reader.digits(2), hour < 24, minute < 60
            else { return nil }
            microseconds += Int64(hour * 3600 + minute * 60) * 1_000_000
            if reader.take(":") {
                guard let second = reader.digits(2), second < 60 else { return nil }
                microseconds += Int64(second) * 1_000_000
                if reader.take(".") || reader.take(",") {
                    guard let fraction = reader.fraction() else { return nil }
                    microseconds += fraction
                }
            }
            guard let offset = reader.zoneOffset() else { return nil }
            microseconds -= Int64(offset) * 60_000_000
        }
        guard reader.isAtEnd else { return nil }
        self.init(microseconds: microseconds)
    }
}

/// Takes fixed-width numbers and single characters off the front of a text.
private struct DigitReader<Bytes: Collection<UInt8>> {
    private var rest: Bytes.SubSequence

    init(_ bytes: Bytes) {
        rest = bytes[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == character.value else { return false }
        rest = rest.dropFirst()
        return true
    }

    mutating func digits(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let digit = rest.first, (48...57).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 48)
            rest = rest.dropFirst()
        }
        return value
    }

    /// One or more digits after a decimal point, in microseconds.
    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var scale: Int64 = 100_000
        var seen = false
        while let digit = rest.first, (48...57).contains(digit) {
            value += Int64(digit - 48) * scale
            scale /= 10
            seen = true
            rest = rest.dropFirst()
        }
        return seen ? value : nil
    }

    /// Minutes east of UTC; none written is UTC.
    mutating func zoneOffset() -> Int? {
        if isAtEnd || take("Z") || take("z") { return 0 }
        let sign = take("+") ? 1 : take("-") ? -1 : 0
        guard sign != 0, let hours = digits(2), hours < 24 else { return nil }
        if isAtEnd { return sign * hours * 60 }
        _ = take(":")
        guard let minutes = digits(2), minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }
}

private func padded(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
}
