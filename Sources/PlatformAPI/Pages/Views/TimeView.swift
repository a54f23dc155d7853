import CygniModel

/// A moment as the page tells it: to machines, to people, and how long ago.
struct TimeView: Sendable {
    /// RFC 3339, for the script that shows local time.
    let iso: String
    /// To the second, UTC.
    let utc: String
    /// 3 min ago, in 2 h.
    let ago: String

    init(_ time: Timestamp, now: Timestamp) {
        iso = time.rfc3339
        utc = String(iso.prefix(19).map { $0 == "T" ? " " : $0 })
        let distance = (now - time).microseconds / 1_000_000
        let words = Self.words(abs(distance))
        ago = distance > 0 ? "\(words) ago" : distance < 0 ? "in \(words)" : "now"
    }

    init?(_ time: Timestamp?, now: Timestamp) {
        guard let time else { return nil }
        self.init(time, now: now)
    }

    /// One unit: nobody needs the minutes of what was five days ago. The script says it the same way.
    ///
    /// - Parameter seconds: not negative.
    static func words(_ seconds: Int64) -> String {
        switch seconds {
        case ..<90: "\(seconds) s"
        case ..<5400: "\(seconds / 60) min"
        case ..<129_600: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) d"
        }
    }

    /// How long something took.
    static func length(_ seconds: Double) -> String {
        switch seconds {
        case ..<0: "0 ms"
        case ..<1: "\(Int(seconds * 1000)) ms"
        case ..<10: "\(Int(seconds * 10) / 10).\(Int(seconds * 10) % 10) s"
        case ..<120: "\(Int(seconds)) s"
        case ..<7200: "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
        default: "\(Int(seconds) / 3600) h \(Int(seconds) / 60 % 60) min"
        }
    }
}
