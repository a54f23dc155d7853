import CygniModel

/// How much of a span is gone, for a bar drawn by a template.
struct ShareView: Sendable {
    /// Of 100.
    let gone: Int
    let shareTone: String
    let shareWords: String

    init(from start: Timestamp, to end: Timestamp, now: Timestamp) {
        let whole = max(1, (end - start).inSeconds)
        let share = min(1, max(0, (now - start).inSeconds / whole))
        gone = Int(share * 100)
        // A third before its end a certificate is renewed; a sixth before, that has not worked for long.
        shareTone = share >= 5.0 / 6 ? "bad" : share >= 0.7 ? "warn" : "good"
        shareWords = "\(gone) % of its lifetime"
    }
}
