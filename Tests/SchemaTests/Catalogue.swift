import CygniPostgres
import CygniTestSupport

/// What stands in the schemas of the platform, asked from the server, so that a new table cannot be forgotten.
struct Catalogue: Sendable {
    struct Relation: Sendable {
        /// `schema.name`, quoted where needed.
        var name: String
        /// `pg_class.relkind`: r table, p partitioned table, v view, m materialized view, S sequence.
        var kind: String
        var isPartition: Bool
        /// All columns, in their order.
        var columns: [String]
    }

    let relations: [Relation]

    init(_ database: TestDatabase) async throws {
        relations = try await database.connect().access { session in
            try session.query(
                Statement(
                    "relations",
                    """
                    SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relkind::text AS kind,
                        c.relispartition AS is_partition,
                        ARRAY(SELECT attname::text FROM pg_attribute
                            WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum) AS columns
                    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                    WHERE n.nspname LIKE 'cygni%' AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
                    ORDER BY 1
                    """
                )
            ).map { row in
                Relation(
                    name: try row.get("name"),
                    kind: try row.get("kind"),
                    isPartition: try row.get("is_partition"),
                    columns: try row.get("columns")
                )
            }
        }
    }

    /// The texts that a query returns in its column `fault`: a sweep that finds nothing passes.
    static func faults(_ database: TestDatabase, _ sql: String) async throws -> [String] {
        try await database.connect().access { session in
            try session.query(Statement("sweep", sql)).map { try $0.get("fault") }
        }
    }
}
