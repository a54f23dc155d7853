package import CygniModel
package import CygniPostgres

/// Somebody's word that no schedule is to start a job.
package struct JobPause: Hashable, Sendable, CustomStringConvertible {
    package let since: Timestamp
    /// nil: until it is ended.
    package let until: Timestamp?
    package let actor: String
    package let why: String

    package init(since: Timestamp, until: Timestamp?, actor: String, why: String) {
        self.since = since
        self.until = until
        self.actor = actor
        self.why = why
    }

    /// From a row with columns of these names.
    package init(_ row: Row) throws {
        since = try row.get("since")
        until = try row.get("until", as: Timestamp?.self)
        actor = try row.get("actor")
        why = try row.get("why")
    }

    package var description: String {
        "paused by \(actor) since \(since.rfc3339)\(until.map { " until \($0.rfc3339)" } ?? ""): \(why)"
    }
}
