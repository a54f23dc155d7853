import CygniModel

/// Where a page of lines begins.
struct LogCursor: Hashable, Sendable {
    let place: LogPlace
    /// How many lines at this very place were shown.
    let skip: Int
    /// The first moment of all pages, settled by the first of them.
    let from: Timestamp

    init(place: LogPlace, skip: Int, from: Timestamp) { (self.place, self.skip, self.from) = (place, skip, from) }

    /// - Returns: nil for a cursor that is none of ours.
    init?(_ cursor: Cursor) {
        let parts = cursor.id.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, let skip = Int(parts[1]), let from = Int64(parts[2]) else { return nil }
        self.init(
            place: LogPlace(time: cursor.time, digest: String(parts[0])),
            skip: skip,
            from: Timestamp(microseconds: from)
        )
    }

    var cursor: Cursor { Cursor(time: place.time, id: "\(place.digest)_\(skip)_\(from.microseconds)") }
}
