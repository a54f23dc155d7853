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

    private var id: String { tenant.uuidString.lowercased() }

    func plan(slug: String, _ connection: Connection) async throws -> ErasurePlan {
        var plan = ErasurePlan(slug: slug)
        plan.items += try await artifacts(connection)
        plan.items += try await archives(connection, &plan)
        plan.items += try await connection.transaction(.snapshot) { session in
            try days(in: session) + rollups(in: session) + tables(in: session)
        }
        let isKept = plan.items.contains { $0.obstacle != nil }
        if let index = plan.items.lastIndex(where: { $0.name == "cygni.tenants" }), isKept {
            plan.items[index].obstacle = plan.items[index].obstacle ?? "what stays of the tenant needs it"
        }
        let entries = try await connection.access { session in
            try session.query(Self.statements["audit_entries"], tenant)[0].get("entries", as: Int.self)
        }
        if entries > 0 {
            plan.remains.append(
                ("audit log", "of the tenant's chain \(entries.grouped) are kept as proof; they end by the setting audit of retention-purge")
            )
        }
        return plan
    }

    // MARK: - Rows

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
            return try item(.rows(relation: relation, source: source, item: source), relation, relation, [source], nil, in: session)
        }
        guard try !session.query(Self.statements["tenant"], tenant).isEmpty else { return items }
        let name = "cygni.tenants"
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

    // MARK: - Objects

    private func archives(_ connection: Connection, _ plan: inout ErasurePlan) async throws -> [ErasurePlan.Item] {
        let rows = try await connection.access { session in
            try session.query(Self.statements["archives"]).map { row in
                let start = try row.get("range_start", as: Timestamp?.self)
                let end = try row.get("range_end", as: Timestamp.self)
                return (
                    ErasurePlan.ArchivedObject(
                        id: try row.get("id"),
                        source: try row.get("source"),
                        objectKey: try row.get("object_key"),
                        manifestKey: try row.get("manifest_key")
                    ), start.map { $0..<max($0, end) }
                )
            }
        }
        var items: [ErasurePlan.Item] = []
        var files = 0
        for (object, range) in rows {
            let manifest = try await ArchiveReader.manifest(object.manifestKey, in: store)
            if manifest.file != nil { files += 1 }
            guard let count = manifest.tenants[id], count > 0 else { continue }
            let sources = [object.source, String(object.source.prefix { $0 != "/" }), manifest.table?.name ?? ""]
                + [object.source.firstMatch(of: /^(.+)_p[0-9]{8}/).map { String($0.1) }].compactMap { $0 }
            let held = try await connection.access { try obstacle(sources, range, in: $0) }
            let sealed = manifest.isSealed && !opensSealed ? "it is sealed: give --key, and encryption.recipients to seal the rest again" : nil
            items.append(
                ErasurePlan.Item(
                    target: .archive(object),
                    name: object.objectKey,
                    count: count,
                    sources: sources,
                    range: range,
                    obstacle: held ?? sealed
                )
            )
        }
        if files > 0 {
            plan.remains.append(("archived files", "\(files.counted("object")) of log files do not say whose lines they hold; not looked into"))
        }
        return items
    }

    private func artifacts(_ connection: Connection) async throws -> [ErasurePlan.Item] {
        let prefixes = try await connection.access { session in
            try session.query(Self.statements["prefixes"], tenant).map { row in
                (try row.get("prefix", as: String.self), try row.get("is_shared", as: Bool.self), try obstacle(["deployments"], nil, in: session))
            }
        }
        var items: [ErasurePlan.Item] = []
        for (prefix, isShared, held) in prefixes {
            let folder = prefix.hasSuffix("/") ? prefix : prefix + "/"
            let objects = try await store.all(folder)
            guard !objects.isEmpty else { continue }
            items.append(
                ErasurePlan.Item(
                    target: .artifacts(prefix: folder),
                    name: folder,
                    count: objects.count,
                    sources: ["deployments"],
                    obstacle: held ?? (isShared ? "another tenant's deployments are kept under it too" : nil)
                )
            )
        }
        return items
    }
}
