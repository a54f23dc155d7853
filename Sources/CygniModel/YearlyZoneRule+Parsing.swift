extension YearlyZoneRule {
    /// Reads a TZ string as compiled zones end with: `EST5EDT,M3.2.0,M11.1.0` (POSIX, 8.3, and RFC 9636, 3.3.2).
    init(parsing text: String) throws(ZoneRules.Fault) {
        var scanner = Scanner(text: Array(text.utf8))
        scanner.skipName()
        // POSIX counts west of Greenwich.
        standard = -(try scanner.time())
        guard !scanner.isAtEnd else { return }
        scanner.skipName()
        let offset = try scanner.next == UInt8(ascii: ",") ? standard + 3600 : -scanner.time()
        let start = try scanner.moment()
        summer = Summer(offset: offset, start: start, end: try scanner.moment())
        guard scanner.isAtEnd else { throw scanner.fault }
    }
}

private struct Scanner {
    let text: [UInt8]
    var index = 0

    var isAtEnd: Bool { index == text.count }
    var next: UInt8? { index < text.count ? text[index] : nil }
    var fault: ZoneRules.Fault {
        ZoneRules.Fault(description: "its rule '\(String(decoding: text, as: UTF8.self))' cannot be read")
    }

    /// `EST` or `<+0330>`.
    mutating func skipName() {
        if next == UInt8(ascii: "<") {
            while let byte = next, byte != UInt8(ascii: ">") { index += 1 }
            index = min(index + 1, text.count)
        } else {
            while let byte = next, isLetter(byte) { index += 1 }
        }
    }

    /// `[+-]h[:mm[:ss]]` in seconds.
    mutating func time() throws(ZoneRules.Fault) -> Int {
        let isNegative = take(UInt8(ascii: "-"))
        if !isNegative { _ = take(UInt8(ascii: "+")) }
        var seconds = try number() * 3600
        for unit in [60, 1] where take(UInt8(ascii: ":")) { seconds += try number() * unit }
        return isNegative ? -seconds : seconds
    }

    /// `,M3.2.0/2`, `,J60` or `,59/-1`; two in the night where no time is given.
    mutating func moment() throws(ZoneRules.Fault) -> YearlyMoment {
        guard take(UInt8(ascii: ",")) else { throw fault }
        let day: YearlyMoment.Day
        if take(UInt8(ascii: "M")) {
            var parts = [try number()]
            while take(UInt8(ascii: ".")) { parts.append(try number()) }
            guard parts.count == 3, (1...12).contains(parts[0]), (1...5).contains(parts[1]), (0...6).contains(parts[2])
            else { throw fault }
            day = .weekday(month: parts[0], week: parts[1], weekday: parts[2])
        } else if take(UInt8(ascii: "J")) {
            day = .withoutLeapDay(try number())
        } else {
            day = .fromZero(try number())
        }
        return YearlyMoment(day: day, time: try take(UInt8(ascii: "/")) ? time() : 2 * 3600)
    }

    private mutating func number() throws(ZoneRules.Fault) -> Int {
        var value = 0
        let start = index
        while let byte = next, byte >= 48, byte <= 57, index - start < 4 {
            value = value * 10 + Int(byte - 48)
            index += 1
        }
        guard index > start else { throw fault }
        return value
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        index += 1
        return true
    }

    private func isLetter(_ byte: UInt8) -> Bool {
        (65...90).contains(byte) || (97...122).contains(byte)
    }
}
