import CygniModel

/// How far a deletion of rows has come through its table.
enum RowWalk: Sendable, Hashable {
    /// Along an index of the time column, from this moment on.
    case time(Timestamp?)
    /// Through the table's pages, where no such index is; each page is read once.
    case pages(from: Int)

    /// Where a walk through a table begins.
    init(_ table: RetentionFacts.RowTable) { self = table.hasTimeIndex ? .time(nil) : .pages(from: 0) }

    /// Rows or pages of the first batch.
    var firstSize: Int {
        switch self {
        case .time: 5000
        case .pages: 128
        }
    }
}

/// The statements of one batch.
struct RowBatch: Sendable {
    let relation: String
    let predicate: RowPredicate
    let size: Int

    private var wanted: String { "\(predicate.isDue) AND \(predicate.notHeld)" }

    /// The times of the first of the next rows and of the last of a full batch; `last` is null where no more than a batch is left.
    func span(from cursor: Timestamp?) -> String {
        let from = cursor.map { " AND \(predicate.time) >= '\($0)'" } ?? ""
        // sql-here: the table is the operator's
        let next = "SELECT \(predicate.time) FROM \(relation) WHERE \(wanted)\(from) ORDER BY \(predicate.time)"
        // sql-here: the same
        return "SELECT (\(next) LIMIT 1) AS first, (\(next) OFFSET \(size) LIMIT 1) AS last"
    }

    /// Deletes from a moment on to before another; without one all that is left.
    func delete(from first: Timestamp, to last: Timestamp?) -> String {
        let end = last.map { " AND \(predicate.time) < '\($0)'" } ?? ""
        // sql-here: the same
        return "DELETE FROM \(relation) WHERE \(wanted) AND \(predicate.time) >= '\(first)'\(end)"
    }

    /// Deletes some rows of one moment.
    func delete(at moment: Timestamp) -> String {
        let these = "\(wanted) AND \(predicate.time) = '\(moment)'"
        // sql-here: the same
        let some = "SELECT ctid FROM \(relation) WHERE \(these) LIMIT \(size)"
        // sql-here: the same
        return "DELETE FROM \(relation) WHERE \(these) AND ctid = ANY (ARRAY(\(some)))"
    }

    /// Deletes what some pages hold, and tells `deleted` and the `first` moment of it.
    func delete(pagesFrom page: Int) -> String {
        let pages = "ctid >= '(\(page),0)' AND ctid < '(\(page + size),0)'"
        // sql-here: the same
        let gone = "DELETE FROM \(relation) WHERE \(pages) AND \(wanted) RETURNING \(predicate.time) AS at"
        // sql-here: the same
        return "WITH gone AS (\(gone)) SELECT count(*) AS deleted, min(at) AS first FROM gone"
    }
}
