import CygniArchive
import CygniJobs
import CygniModel
import CygniPostgres

/// The columns of a table that are archived, and the statement that reads them.
package struct TableLayout: Sendable {
    package struct Column: Hashable, Sendable {
        package var name: String
        /// As PostgreSQL spells it.
        package var type: String
        package var encoding: ColumnEncoding
    }

    /// Of the whole table: `cygni.log_lines`.
    package var table: String
    package var columns: [Column]
    package var timeColumn: String
    package var tenantColumn: String?

    /// What the manifest says of them.
    var described: Manifest.Table {
        Manifest.Table(
            name: table,
            columns: columns.map { Manifest.Table.Column(name: $0.name, type: $0.type) },
            timeColumn: timeColumn,
            tenantColumn: tenantColumn
        )
    }

    /// Reads the columns of `table` and checks what the settings say of them.
    ///
    /// - Throws: ``JobFailure`` for a column that is not there.
    init(_ settings: TableSettings, table: String, oid: Int, in session: Session) throws {
        self.table = table
        let found = try session.query(ArchiveFacts.statements["columns"], oid).map { row in
            Column(
                name: try row.get("name"),
                type: try row.get("type"),
                encoding: ColumnEncoding(typeOID: try row.get("type_oid"))
            )
        }
        func column(_ name: String) throws -> Column {
            guard let column = found.first(where: { $0.name == name }) else {
                throw JobFailure(
                    "table \(table) has no column '\(name)'; correct jobs/log-archive.yaml",
                    status: .configuration
                )
            }
            return column
        }
        var columns = settings.columns.isEmpty ? found : try settings.columns.map(column)
        let keys = try [settings.timeColumn, settings.tenantColumn].compactMap { $0 }.map(column)
        for key in keys where !columns.contains(where: { $0.name == key.name }) { columns.append(key) }
        guard keys[0].encoding == .time else {
            throw JobFailure(
                "column '\(keys[0].name)' of table \(table) is \(keys[0].type); a time column is a timestamptz",
                status: .configuration
            )
        }
        if let tenant = keys.dropFirst().first, ![.uuid, .text].contains(tenant.encoding) {
            throw JobFailure(
                "column '\(tenant.name)' of table \(table) is \(tenant.type); a tenant column is a uuid or a text",
                status: .configuration
            )
        }
        self.columns = columns
        timeColumn = settings.timeColumn
        tenantColumn = settings.tenantColumn
    }

    /// The rows of a range of `relation`, or all,, ordered by tenant and time; ties by where they lie, so that a retry finds the same
    /// order. With `snapshot`, each row begins with whether that snapshot did not see it yet.
    ///
    /// A row's `xmin` has 32 bits; the current transaction's number says what its upper half was.
    func copy(_ relation: String, _ range: Range<Timestamp>?, snapshot: String?) -> Statement {
        let time = quoted(timeColumn)
        var fields = columns.map { $0.encoding == .json ? "to_json(\(quoted($0.name)))" : quoted($0.name) }
        if let snapshot {
            fields.insert(
                """
                (SELECT CASE WHEN full_xid < 3 THEN false ELSE NOT pg_visible_in_snapshot(full_xid::text::xid8, \(literal(snapshot))) END
                FROM (SELECT CASE WHEN guess > next THEN guess - 4294967296 ELSE guess END AS full_xid
                    FROM (SELECT next, next / 4294967296 * 4294967296 + r.xmin::text::bigint AS guess
                        FROM (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next) AS current) AS guesses) AS full_xids)
                """,  // sql-here: the columns are the operator's
                at: 0
            )
        }
        let order = [tenantColumn.map(quoted), time, "r.ctid"].compactMap { $0 }.joined(separator: ", ")
        let bounds = range.map { range in
            // sql-here: a part of what follows
            "\(time) >= \(literal(range.lowerBound.rfc3339)) AND \(time) < \(literal(range.upperBound.rfc3339))"
        }
        return Statement(
            "archive.copy",
            // sql-here: table and columns are the operator's
            "COPY (SELECT \(fields.joined(separator: ", ")) FROM ONLY \(relation) AS r WHERE \(bounds ?? "true") ORDER BY \(order)) TO STDOUT (FORMAT binary)"
        )
    }
}

/// An identifier as SQL quotes it (manual, 4.1.1).
func quoted(_ name: String) -> String {
    "\"\(name.replacing("\"", with: "\"\""))\""
}

/// A string constant as SQL quotes it (manual, 4.1.2.1); COPY takes no binds.
func literal(_ text: String) -> String {
    "'\(text.replacing("'", with: "''"))'"
}
