import CygniArchive
import CygniModel

/// The text of a `timestamptz`: RFC 3339 in UTC, with as many digits of the second as it has.
struct TimeText {
    /// The day that was last written, and its text with the `T`.
    private var day = Int64.min
    private var dayText: [UInt8] = []

    private static let microsecondsPerDay: Int64 = 86_400_000_000

    /// Microseconds since 1970 of the binary form, which counts from 2000; the infinities are its extremes.
    static func microseconds(_ value: UnsafeRawBufferPointer) -> Int64 {
        let count = Int64(bigEndian: value.loadUnaligned(as: Int64.self))
        if count == .max || count == .min { return count }
        return count &+ 946_684_800_000_000
    }

    /// Writes it with quotes.
    mutating func append(_ microseconds: Int64, to lines: LineBuffer) {
        if microseconds == .max { return lines.append("\"infinity\"") }
        if microseconds == .min { return lines.append("\"-infinity\"") }
        var day = microseconds / Self.microsecondsPerDay
        var rest = microseconds % Self.microsecondsPerDay
        if rest < 0 {
            day -= 1
            rest += Self.microsecondsPerDay
        }
        if day != self.day {
            self.day = day
            let date = CivilDate(daysSinceEpoch: Int(day))
            // Years before 1 and after 9999 are PostgreSQL's own, and not RFC 3339's.
            dayText = Array("\(Timestamp(startOf: date).rfc3339.prefix(10))T".utf8)
        }
        lines.append(UInt8(ascii: "\""))
        lines.append(dayText)
        let target = lines.reserve(24)
        var index = 0
        func put(_ number: Int64, _ after: UInt8) {
            target[index] = 48 + UInt8(truncatingIfNeeded: number / 10)
            target[index + 1] = 48 + UInt8(truncatingIfNeeded: number % 10)
            target[index + 2] = after
            index += 3
        }
        let seconds = rest / 1_000_000
        put(seconds / 3600, UInt8(ascii: ":"))
        put(seconds / 60 % 60, UInt8(ascii: ":"))
        var fraction = rest % 1_000_000
        put(seconds % 60, fraction == 0 ? UInt8(ascii: "Z") : UInt8(ascii: "."))
        if fraction != 0 {
            var unit: Int64 = 100_000
            while fraction > 0 {
                target[index] = 48 + UInt8(truncatingIfNeeded: fraction / unit)
                fraction %= unit
                unit /= 10
                index += 1
            }
            target[index] = UInt8(ascii: "Z")
            index += 1
        }
        target[index] = UInt8(ascii: "\"")
        lines.advance(index + 1)
    }
}
