import CygniModel
import CygniPostgres

/// A run as a row of a table.
struct RunRowView: Sendable {
    let runHref: String
    let jobHref: String
    let jobName: String
    let state: StateView
    let started: TimeView
    let took: String
    let trigger: String
    let host: String
    let runError: String?
    let cursor: Cursor

    init(_ row: Row, now: Timestamp) throws {
        let id = try row.get("id", as: String.self)
        let startedAt = try row.get("started_at", as: Timestamp.self)
        let finishedAt = try row.get("finished_at", as: Timestamp?.self)
        runHref = "/runs/\(id)"
        jobName = try row.get("job")
        jobHref = "/jobs/\(jobName)"
        state = StateView.ofRun(
            try row.get("state"),
            isAcknowledged: try row.get("acknowledged_at", as: Timestamp?.self) != nil
        )
        started = TimeView(startedAt, now: now)
        took = TimeView.length(((finishedAt ?? now) - startedAt).inSeconds)
        trigger = try row.get("trigger")
        host = try row.get("host")
        runError = try row.get("error", as: String?.self).map(JobView.short)
        cursor = Cursor(time: startedAt, id: id)
    }
}

/// A page of a list, and how to get to the next.
struct ListPart<Item: Sendable>: Sendable {
    let items: [Item]
    /// Of the last item shown, when there are more.
    let last: Cursor?

    static var size: Int { 50 }

    /// - Parameter found: one more than is shown, where there are more.
    init(_ found: [Item], cursor: (Item) -> Cursor) {
        items = Array(found.prefix(Self.size))
        last = found.count > Self.size ? items.last.map(cursor) : nil
    }
}
