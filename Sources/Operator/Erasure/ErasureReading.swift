import CygniArchive
import CygniModel
import CygniObjectStore
import CygniPostgres
import FoundationEssentials

/// Finds everything that a tenant has. The same reading is the proof afterwards.
struct ErasureReading: Sendable {
    static let statements = StatementFile("erasure", PackageResources.erasure_sql)

    let tenant: UUID
    let store: any ObjectStore
    /// Whether archives that are sealed can be opened and sealed again.
    let opensSealed: Bool

    var id: String { tenant.text }

    func plan(slug: String, _ connection: Connection) async throws -> ErasurePlan {
        var plan = ErasurePlan(slug: slug)
        plan.items += try await leftovers(connection)
        plan.items += try await artifacts(connection)
        plan.items += try await archives(connection, &plan)
        plan.items += try await connection.transaction(.snapshot) { session in
            try days(in: session) + rollups(in: session) + tables(in: session)
        }
        plan.settle()
        let entries = try await connection.access { session in
            try session.query(Self.statements["audit_entries"], tenant)[0].get("entries", as: Int.self)
        }
        if entries > 0 {
            plan.remains.append(
                (
                    "audit log",
                    "of the tenant's chain \(entries.grouped) are kept as proof; they end by the setting audit of retention-purge"
                )
            )
        }
        return plan
    }

    private func days(in session: Session) throws -> [ErasurePlan.Item] {
        try session.query(Self.statements["days"]).compactMap { row in
            let (relation, source, name) = (
                try row.get("relation", as: String.self), try row.get("source", as: String.self),
                try row.get("name", as: String.self)
            )
            let range = try row.get("range_start", as: Timestamp.self)..<row.get("range_end", as: Timestamp.self)
            return try item(
                .rows(relation: relation, source: source, item: name),
                relation,
                relation,
                [source, name, row.get("archive_source")],
                range,
                in: session
            )
        }
    }

    private func tables(in session: Session) throws -> [ErasurePlan.Item] {
        var items = try session.query(Self.statements["tables"]).compactMap { row in
            let (relation, source) = (try row.get("relation", as: String.self), try row.get("source", as: String.self))
            return try item(
                .rows(relation: relation, source: source, item: source),
                relation,
                relation,
                [source],
                nil,
                in: session
            )
        }
        guard try !session.query(Self.statements["tenant"], tenant).isEmpty else { return items }
        let name = ErasurePlan.tenantRow
        items.append(
            ErasurePlan.Item(
                target: .rows(relation: name, source: "tenants", item: "tenants"),
                name: name,
                count: 1,
                sources: ["tenants"],
                obstacle: try obstacle(["tenants"], nil, in: session)
            )
        )
        return items
    }

    private func item(
        _ target: ErasurePlan.Target,
        _ name: String,
        _ relation: String,
        _ sources: [String],
        _ range: Range<Timestamp>?,
        in session: Session
    ) throws -> ErasurePlan.Item? {
        // sql-here: any table with rows of tenants
        let text = "SELECT count(*) AS rows FROM \(relation) WHERE tenant_id = $1"
        let rows: Int = try session.query(Statement("erasure.count", text), tenant)[0].get("rows")
        guard rows > 0 else { return nil }
        return ErasurePlan.Item(
            target: target,
            name: name,
            count: rows,
            sources: sources,
            range: range,
            obstacle: try obstacle(sources, range, in: session)
        )
    }

    /// The hold that keeps data of these sources; nil: none does.
    func obstacle(_ sources: [String], _ range: Range<Timestamp>?, in session: Session) throws -> String? {
        // Holds go last of all: those in force are what they keep.
        let rows =
            sources == ["legal_holds"]
            ? try session.query(Self.statements["standing_hold"], tenant)
            : try session.query(Self.statements["held"], sources, range?.lowerBound, range?.upperBound, tenant)
        return try rows.first.map {
            "legal hold \(try $0.get("id", as: String.self)): \(try $0.get("reason", as: String.self))"
        }
    }

    private func rollups(in session: Session) throws -> [ErasurePlan.Item] {
        try session.query(Self.statements["rollups"]).compactMap { row in
            let relation: String = try row.get("relation")
            let level: String = try row.get("level")
            let range = try row.get("range_start", as: Timestamp.self)..<row.get("range_end", as: Timestamp.self)
            return try item(
                .rollup(relation: relation),
                "cygni_rollup.\(relation)",
                "cygni_rollup.\"\(relation)\"",
                ["metrics_\(level)", "metric_samples"],
                range,
                in: session
            )
        }
    }
}
