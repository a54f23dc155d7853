import CygniIntake
import CygniModel

/// Finds the time that a line of a plain log starts with, in the spellings that are common.
///
/// | spelling | of |
/// |---|---|
/// | `2026-11-22T03:17:00.123Z`, `2026-11-22 03:17:00,123`, `2026/11/22 03:17:00` | most; dpkg, nginx, Python, Go |
/// | `Nov 22 03:17:00` | syslog; the year is the latest that is not in the future |
/// | `[Sun Dec 04 04:47:44 2005]`, with a fraction too | Apache's error log |
/// | `[10/Oct/2000:13:55:36 -0700]` further in | access logs |
///
/// A `<34>1 ` of RFC 5424 may precede, and so may up to three words (a file's name, a host, a program).
struct LogTime {
    struct Match {
        /// Microseconds since 1970.
        let time: Int64
        /// Where the rest of the line starts when the time leads it; nil when words precede.
        let rest: Int?
        /// Syslog's severity, 0 to 7, where the line states it.
        var severity: Int?
    }

    private var calendar = CalendarTime()
    /// Before this a time without a year must lie.
    private let latest: Int64

    /// - Parameter now: microseconds since 1970.
    init(now: Int64) {
        latest = now + 86_400_000_000
    }

    mutating func find(in line: ByteView) -> Match? {
        var cursor = TextCursor(line)
        cursor.skipBlanks()
        let severity = Self.takePriority(&cursor)
        let start = cursor.at
        if let time = takeAny(&cursor) {
            while let next = cursor.peek, next.isBlank || next == byte(":") { cursor.at += 1 }
            return Match(time: time, rest: cursor.at, severity: severity)
        }
        cursor.at = start
        for _ in 0..<3 {
            guard let blank = line.position(of: byte(" "), from: cursor.at), blank < 160 else { break }
            cursor.at = blank + 1
            if let time = takeAny(&cursor) { return Match(time: time, rest: nil, severity: severity) }
        }
        guard let time = accessLogTime(line) else { return nil }
        return Match(time: time, rest: nil, severity: severity)
    }

    /// One spelling, in brackets or not.
    private mutating func takeAny(_ cursor: inout TextCursor) -> Int64? {
        var ahead = cursor
        let isBracketed = ahead.take(byte("["))
        guard let first = ahead.peek else { return nil }
        let found = first.isDigit ? calendar.take(&ahead) : first.isLetter ? takeNamedMonth(&ahead) : nil
        guard let found, !isBracketed || ahead.take(byte("]")) else { return nil }
        // A time ends where a word does: at a blank, or at punctuation.
        if let next = ahead.peek, next.isDigit || next.isLetter { return nil }
        cursor = ahead
        return found
    }

    /// `Nov 22 03:17:00`, `Nov 22 2026 03:17:00`, `Sun Dec 04 04:47:44.123456 2005`.
    private mutating func takeNamedMonth(_ cursor: inout TextCursor) -> Int64? {
        if Self.month(cursor.bytes, at: cursor.at) == nil {
            // A day of the week.
            guard cursor.at + 4 < cursor.bytes.count, cursor.bytes[cursor.at + 3] == byte(" ") else { return nil }
            cursor.at += 4
        }
        guard let month = Self.month(cursor.bytes, at: cursor.at) else { return nil }
        cursor.at += 3
        guard cursor.take(byte(" ")) else { return nil }
        _ = cursor.take(byte(" "))
        guard let day = cursor.number(atMost: 2), cursor.take(byte(" ")) else { return nil }
        if let year = Self.takeYear(&cursor) {
            guard cursor.take(byte(" ")), let time = CalendarTime.takeTime(&cursor) else { return nil }
            return calendar.microseconds(year: year, month: month, day: day).map { $0 + time }
        }
        guard let time = CalendarTime.takeTime(&cursor) else { return nil }
        var ahead = cursor
        let zone = CalendarTime.takeZone(&ahead) ?? 0
        if ahead.take(byte(" ")), let year = Self.takeYear(&ahead) {
            cursor = ahead
            return calendar.microseconds(year: year, month: month, day: day).map { $0 + time - zone }
        }
        return inLatestYear(month: month, day: day, time: time)
    }

    /// Four digits that look like a year and end there.
    private static func takeYear(_ cursor: inout TextCursor) -> Int? {
        var ahead = cursor
        guard let year = ahead.digits(4), (1970...2199).contains(year), ahead.peek?.isDigit != true,
            ahead.peek != byte(":"), ahead.peek?.isLetter != true
        else { return nil }
        cursor = ahead
        return year
    }

    /// The latest year in which that day exists and is not in the future; the 29th of February may be seven years back.
    private mutating func inLatestYear(month: Int, day: Int, time: Int64) -> Int64? {
        let year = Timestamp(microseconds: latest).date.year
        for candidate in stride(from: year, through: year - 8, by: -1) {
            guard let start = calendar.microseconds(year: candidate, month: month, day: day) else { continue }
            if start + time <= latest { return start + time }
        }
        return nil
    }

    /// `[10/Oct/2000:13:55:36 -0700]`, the form of Apache's and nginx' access logs.
    private mutating func accessLogTime(_ line: ByteView) -> Int64? {
        let head = line.part(0, min(line.count, 512))
        var search = 0
        while let bracket = head.position(of: byte("["), from: search) {
            var cursor = TextCursor(head, at: bracket + 1)
            if let day = cursor.digits(2), cursor.take(byte("/")), let month = Self.month(head, at: cursor.at) {
                cursor.at += 3
                if cursor.take(byte("/")), let year = cursor.digits(4), cursor.take(byte(":")),
                    let time = CalendarTime.takeTime(&cursor),
                    let start = calendar.microseconds(year: year, month: month, day: day)
                {
                    return start + time - (CalendarTime.takeZone(&cursor) ?? 0)
                }
            }
            search = bracket + 1
        }
        return nil
    }

    private static func month(_ bytes: ByteView, at start: Int) -> Int? {
        guard start + 3 <= bytes.count else { return nil }
        let name = bytes.part(start, start + 3)
        return months.firstIndex { name.spells($0) }.map { $0 + 1 }
    }

    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `<34>` and, in RFC 5424, the version and a blank; the severity in it.
    private static func takePriority(_ cursor: inout TextCursor) -> Int? {
        var ahead = cursor
        guard ahead.take(byte("<")), let priority = ahead.number(atMost: 3), priority < 192, ahead.take(byte(">"))
        else {
            return nil
        }
        if ahead.bytes.has("1 ", at: ahead.at) { ahead.at += 2 }
        cursor = ahead
        return priority & 7
    }
}
