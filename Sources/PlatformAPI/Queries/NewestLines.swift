/// The newest of many lines, up to a number. A pure value.
struct NewestLines: Sendable {
    let limit: Int
    /// Newest first, once ``sorted`` was asked for.
    private var kept: [LogEntry] = []
    private var oldest: LogPlace?

    init(limit: Int) { self.limit = limit }

    /// What is older than this is not wanted any more; nil: anything is.
    var bar: LogPlace? { oldest }

    mutating func add(_ entry: LogEntry) {
        if let oldest, entry.place <= oldest { return }
        kept.append(entry)
        // Sorted now and then: half of the lines are thrown away at once.
        if kept.count >= 2 * max(limit, 64) { shorten() }
    }

    private mutating func shorten() {
        kept.sort { $0.place > $1.place }
        guard kept.count > limit else { return }
        kept.removeLast(kept.count - limit)
        oldest = kept.last?.place
    }

    var sorted: [LogEntry] {
        var all = self
        all.shorten()
        return all.kept
    }

    /// Two sources as one stream. A line that both have is one: while a day moves to the archive it is in both. Of equal lines there
    /// are as many as the source has that has more of them.
    ///
    /// - Parameters: newest first.
    static func merged(_ first: [LogEntry], _ second: [LogEntry]) -> [LogEntry] {
        var merged: [LogEntry] = []
        var (left, right) = (first[...], second[...])
        while let one = left.first, let other = right.first {
            if one.place >= other.place {
                merged.append(one)
                left.removeFirst()
                if one.place == other.place { right.removeFirst() }
            } else {
                merged.append(other)
                right.removeFirst()
            }
        }
        return merged + left + right
    }
}
