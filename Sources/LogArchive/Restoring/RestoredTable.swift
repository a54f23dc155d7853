package import CygniArchive
import CygniJobs
import CygniModel
package import CygniPostgres

/// Archived rows on their way back into a table: first into a temporary one, then all at once.
package struct RestoredTable: Sendable {
    private let table: Manifest.Table

    package init(_ manifest: Manifest) throws {
        guard let table = manifest.table else {
            throw JobFailure("'\(manifest.objectKey)' holds lines of a file, which go to standard output")
        }
        self.table = table
    }

    /// Readies the session for lines.
    package func begin(in session: Session) throws {
        // sql-here: DDL of a session
        let text = "DROP TABLE IF EXISTS pg_temp.cygni_restored; CREATE TEMP TABLE cygni_restored (line text NOT NULL)"
        try session.script(text, name: "restore.begin")
    }

    /// Adds lines, each with its newline.
    package func add(_ lines: [UInt8], in session: Session) throws {
        // sql-here: COPY takes no binds
        let copy = Statement("restore.copy", "COPY pg_temp.cygni_restored FROM STDIN")
        try session.copyIn(copy) { writer in
            var escaped: [UInt8] = []
            for byte in lines {
                // JSON escapes every other character that COPY's text format does (manual, COPY, "Text Format").
                if byte == UInt8(ascii: "\\") { escaped.append(byte) }
                escaped.append(byte)
            }
            try writer.write(escaped)
        }
    }

    /// Puts the rows into `relation`, in one statement.
    ///
    /// - Parameter relation: quoted and qualified.
    /// - Returns: how many.
    package func insert(into relation: String, in session: Session) throws -> Int {
        let columns = table.columns.map { quoted($0.name) }.joined(separator: ", ")
        let values = table.columns.map { "r.\(quoted($0.name))" }.joined(separator: ", ")
        let rows = "pg_temp.cygni_restored, json_populate_record(NULL::\(relation), line::json) AS r"
        // sql-here: table and columns are the operator's
        let text = "INSERT INTO \(relation) (\(columns)) SELECT \(values) FROM \(rows)"
        return try session.query(Statement("restore.insert", text)).affected
    }

    /// Makes a table for the rows.
    package func create(_ relation: String, temporary: Bool = false, in session: Session) throws {
        let columns = table.columns.map { "\(quoted($0.name)) \($0.type)" }.joined(separator: ", ")
        // sql-here: table and columns are the operator's
        try session.script("CREATE \(temporary ? "TEMP " : "")TABLE \(relation) (\(columns))", name: "restore.create")
    }

    /// The digest of a table's rows, encoded anew as an archive has them.
    package func digest(of relation: String, in session: Session) throws -> (rows: Int, digest: String) {
        let oid: Int = try session.query(ArchiveFacts.statements["relation"], relation)[0].get("oid")
        var settings = TableSettings.standard
        settings.timeColumn = table.timeColumn
        settings.tenantColumn = table.tenantColumn
        settings.columns = table.columns.map(\.name)
        let layout = try TableLayout(settings, table: relation, oid: oid, in: session)
        var encoder = RowEncoder(layout, hasLateFlag: false)
        var filler = FrameFiller(nil, size: 1 << 20)
        var digest = RowDigest()
        var rows = 0
        try session.copyOut(layout.copy(relation, nil, snapshot: nil)) { message in
            guard try encoder.encode(message, into: &filler).0 else { return }
            filler.lines.endLine()
            digest.add(row: filler.lines.lastLine)
            filler.lines.forgetLine()
            rows += 1
        }
        return (rows, digest.hex)
    }
}
