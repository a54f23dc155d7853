import CygniAccess
import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes

/// Finds a page of a tenant's log lines, newest first, window by window back in time: what the database has and what the archive
/// alone has, as one stream.
struct LogSearch: Sendable {
    private static let statements = ServerStatements.logs
    /// Before the first window; each is four times the one before, up to the last.
    private static let firstWindow = Duration.minutes(15)
    private static let lastWindow = Duration.hours(6)
    /// A day that moves under a page is read anew.
    private static let attempts = 5

    let call: Call
    let tenant: UUID
    let filter: LogFilter
    let from: Timestamp
    let limit: Int

    struct Found: Sendable {
        var lines: [LogEntry] = []
        /// Where to go on; nil: there is nothing more.
        var next: LogCursor?
    }

    /// - Parameter start: everything found is before it.
    func page(_ start: LogCursor) async throws -> Found {
        for _ in 0..<Self.attempts {
            let before = try await places(start.place.time)
            let found: Found
            do {
                found = try await page(start, before)
            } catch let error as Problem where error.kind == .archiveUnreadable {
                // It may have been let go of meanwhile.
                guard try await places(start.place.time).archives == before.archives else { continue }
                throw error
            }
            // A part of a day that was taken out after the look was in neither source.
            if try await places(start.place.time).archives == before.archives { return found }
        }
        throw Problem(.unavailable, "days are being moved to the archive", headers: [.retryAfter: "1"])
    }

    private func page(_ start: LogCursor, _ places: LogPlaces) async throws -> Found {
        let deadline = ContinuousClock.now + call.server.settings.limits.time / 3
        let reader = ArchivedLines(call: call, tenant: tenant, filter: filter)
        var found = Found()
        var place = start.place
        var skip = start.skip
        var width = Self.firstWindow
        while place.time >= from {
            // One more than is shown tells whether there is another page.
            let wanted = limit + 1 - found.lines.count + skip
            let window = places.window(place.time, from, width)
            let first = window.first
            let recent = window.isOpen ? try await recent(first, place, wanted) : []
            let old = try await reader.newest(window.archives, first, place, wanted, until: deadline)
            var lines = NewestLines.merged(recent.filter { $0.place.time >= old.first }, old.lines)
            // What was shown of lines that equal the last one of the page before.
            let shown = lines.prefix { $0.place == start.place }.count
            lines.removeFirst(min(skip, shown))
            found.lines += lines
            if found.lines.count > limit { break }
            (place, skip) = (LogPlace(time: old.first - .microseconds(1), digest: Self.last), 0)
            if ContinuousClock.now > deadline, place.time >= from {
                found.next = LogCursor(place: place, skip: 0, from: from)
                return found
            }
            width = min(width * 4, Self.lastWindow)
        }
        guard found.lines.count > limit else { return found }
        found.lines.removeLast(found.lines.count - limit)
        found.next = found.lines.last.map { last in
            let equal = found.lines.reversed().prefix { $0.place == last.place }.count
            let before = last.place == start.place ? start.skip : 0
            return LogCursor(place: last.place, skip: equal + before, from: from)
        }
        return found
    }

    /// Behind every digest.
    static let last = "~"

    private func recent(_ first: Timestamp, _ place: LogPlace, _ count: Int) async throws -> [LogEntry] {
        try await call.server.database.read(
            tenant,
            Self.statements["recent"],
            binds: [
                first, place.time, place.digest, filter.project.flatMap { UUID(uuidString: $0) },
                filter.deployment.flatMap { UUID(uuidString: $0) }, filter.level, filter.text, count,
            ]
        ) { rows in try rows.map(LogEntry.init) }
    }

    private func places(_ last: Timestamp) async throws -> LogPlaces {
        let (first, end) = (from, last + .microseconds(1))
        return try await call.server.database.platform(isReading: true) { session in
            LogPlaces(
                archives: try session.query(ServerStatements.days["archives"], first, end).map(ArchivedDay.init),
                openDays: Set(
                    try session.query(ServerStatements.days["open_days"]).map { try $0.get("number", as: Int.self) }
                )
            )
        }
    }
}
