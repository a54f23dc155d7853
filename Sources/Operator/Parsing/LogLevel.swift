import CygniIntake

/// Guesses how severe a line of a plain log is, and names the levels that others write as numbers.
enum LogLevel {
    /// The level that a line states near its start; nil when none is recognised.
    ///
    /// Recognised are `[error]`, `<warn>`, `level=info`, `ERROR` in capitals, and `error:` with a colon.
    static func guess(_ line: ByteView) -> StaticString? {
        let head = line.part(0, min(line.count, 160))
        var at = 0
        while at < head.count {
            guard head[at].isLetter else {
                at += 1
                continue
            }
            let start = at
            while at < head.count, head[at].isLetter { at += 1 }
            // `errors.py`, `no-error`, `x_error` are not levels; neither is a word that the cut-off may have shortened.
            guard at - start <= 9, at < line.count || at - start > 2, let level = named(head.part(start, at)) else {
                continue
            }
            let before = start > 0 ? head[start - 1] : byte(" ")
            let after = at < line.count ? line[at] : byte(" ")
            if states(head.part(start, at), before, after) { return level }
        }
        return nil
    }

    private static func states(_ word: ByteView, _ before: UInt8, _ after: UInt8) -> Bool {
        if before == byte("["), after == byte("]") || after == byte(":") { return true }
        if before == byte(":"), after == byte("]") { return true }
        if before == byte("<"), after == byte(">") { return true }
        if before == byte("=") || before == byte("\"") { return !after.isDigit && after != byte("=") }
        guard before.isBlank || before == byte("(") || before == byte("|") else { return false }
        let isShouted = word.allSatisfy { !(byte("a")...byte("z")).contains($0) } && word.count > 2
        if isShouted {
            return after.isBlank || after == byte(":") || after == byte("]") || after == byte(")") || after == byte("|")
        }
        return after == byte(":")
    }

    private static func named(_ word: ByteView) -> StaticString? {
        names.first { word.spellsIgnoringCase($0.word) }?.level
    }

    private static let names: [(word: StaticString, level: StaticString)] = [
        ("info", "info"), ("information", "info"), ("inf", "info"),
        ("warn", "warning"), ("warning", "warning"), ("wrn", "warning"),
        ("error", "error"), ("err", "error"), ("severe", "error"),
        ("notice", "notice"), ("debug", "debug"), ("dbg", "debug"), ("trace", "trace"), ("verbose", "trace"),
        ("fatal", "critical"), ("critical", "critical"), ("crit", "critical"), ("alert", "critical"),
        ("emerg", "critical"), ("emergency", "critical"), ("panic", "critical"),
    ]

    /// The name of a number: syslog's severity from 0 to 7, else the tens of bunyan and pino.
    static func name(ofNumber number: Int) -> StaticString? {
        switch number {
        case 0, 1, 2, 60: "critical"
        case 3, 50: "error"
        case 4, 40: "warning"
        case 5: "notice"
        case 6, 30: "info"
        case 7, 20: "debug"
        case 10: "trace"
        default: nil
        }
    }
}
