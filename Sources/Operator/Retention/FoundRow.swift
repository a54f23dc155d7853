import CygniModel
import CygniPostgres
import FoundationEssentials

/// A row that somebody asks about.
struct FoundRow: Sendable, Equatable {
    var name: String
    var table: String
    var time: Timestamp?
    /// Its id.
    var tenant: String?
    var retentionClass: String?

    /// `TABLE@TIME`, for rows without an id.
    ///
    /// - Returns: nil when it is not of that form.
    static func at(_ text: String, tenant: String?, retentionClass: String?) -> FoundRow? {
        let parts = text.split(separator: "@", maxSplits: 1).map(String.init)
        guard parts.count == 2, let time = Timestamp(parsing: parts[1]) else { return nil }
        return FoundRow(name: text, table: parts[0], time: time, tenant: tenant, retentionClass: retentionClass)
    }

    /// Looks for an id in every table of the platform whose rows have one.
    ///
    /// - Parameter timeColumns: by table, where a policy names one.
    static func find(_ id: String, timeColumns: [String: String], in session: Session) throws -> FoundRow? {
        let statements = StatementFile("retention", PackageResources.retention_sql)
        for row in try session.query(statements["tables_with_ids"], "created_at") {
            let (table, type) = (try row.get("name", as: String.self), try row.get("type", as: String.self))
            guard type == "uuid" ? UUID(uuidString: id) != nil : Int(id) != nil else { continue }
            let time = try timeColumns[table] ?? row.get("time_column", as: String?.self)
            let tenant = try row.get("has_tenant", as: Bool.self) ? "tenant_id::text" : "NULL::text"
            let columns = "\(time.map { "\"\($0)\"" } ?? "NULL::timestamptz") AS time, \(tenant) AS tenant"
            // sql-here: any table of the platform
            let text = "SELECT \(columns) FROM cygni.\"\(table)\" WHERE id = $1::\(type) LIMIT 1"
            guard let found = try session.query(Statement("retention.find_row", text), id).first else {
                continue
            }
            return FoundRow(
                name: id,
                table: table,
                time: try found.get("time"),
                tenant: try found.get("tenant"),
                retentionClass: nil
            )
        }
        return nil
    }
}
