import CygniModel
import CygniPostgres

/// Where log lines are: days that the database has, and archives with lines that are nowhere else. A pure value.
struct LogPlaces: Hashable, Sendable {
    let archives: [ArchivedDay]
    /// Since 1970.
    let openDays: Set<Int>

    /// A range of time that is read at once.
    struct Window: Hashable, Sendable {
        let first: Timestamp
        let archives: [ArchivedDay]
        /// Whether the database may have lines of it.
        let isOpen: Bool
    }

    /// The window that ends with `last`, which is part of it. It is within the range of each of its archives, whole where nothing
    /// else is in the way, so an object's frames are gone through once; where there is nothing at all, it reaches to what comes
    /// next.
    ///
    /// - Parameter from: the first moment of all windows.
    func window(_ last: Timestamp, _ from: Timestamp, _ width: Duration) -> Window {
        let over = archives.filter { $0.range.contains(last) }
        let day = last.date.daysSinceEpoch
        let isOpen = openDays.contains(day)
        var borders = archives.map(\.range.upperBound).filter { $0 <= last }
        if !over.isEmpty {
            borders += over.map(\.range.lowerBound)
        } else if isOpen {
            borders += [last - width, Timestamp(seconds: Int64(day) * 86_400)]
        } else {
            borders += openDays.filter { $0 < day }.max().map { [Timestamp(seconds: Int64($0 + 1) * 86_400)] } ?? []
        }
        // A range may be longer than a day, and the days that it covers be open in part.
        let isAnyOpen = isOpen || !over.isEmpty
        return Window(first: max(from, borders.max() ?? from), archives: over, isOpen: isAnyOpen)
    }
}

/// An archive with lines that are nowhere else.
struct ArchivedDay: Hashable, Sendable {
    let id: String
    let manifestKey: String
    let range: Range<Timestamp>

    init(_ row: Row) throws {
        id = try row.get("id")
        manifestKey = try row.get("manifest_key", as: String?.self) ?? ""
        range = try row.get("range_start")..<row.get("range_end")
    }

    init(id: String, manifestKey: String, range: Range<Timestamp>) {
        (self.id, self.manifestKey, self.range) = (id, manifestKey, range)
    }
}
