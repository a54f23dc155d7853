import Crypto
import CygniJobs
package import CygniModel
package import CygniPostgres
import FoundationEssentials

extension RetentionFacts {
    package static let statements = StatementFile("retention_facts", PackageResources.retention_facts_sql)

    /// Reads what the database knows, in the session's snapshot.
    package static func read(now: Timestamp, settings: RetentionSettings, in session: Session) throws -> RetentionFacts
    {
        var facts = RetentionFacts(now: now)
        let guarded = Set(try session.query(statements["guarded"]).map { try $0.get("source", as: String.self) })
        for (name, policy) in settings.policies.sorted(by: { $0.key < $1.key }) {
            let resolved = try resolve(name, policy, in: session)
            let relation = policy.table ?? "cygni.\(quoted(name))"
            guard let table = try session.query(statements["table"], relation, policy.timeColumn).first else {
                guard policy.table == nil else {
                    throw JobFailure(
                        "there is no table \(relation), which jobs/retention-purge.yaml names under policies.\(name)",
                        status: .configuration
                    )
                }
                facts.missing.append(name)
                continue
            }
            facts.policies.append(resolved)
            if guarded.contains(name), policy.table == nil {
                facts.leaves += try leaves(resolved, relation, now, in: session)
            } else {
                facts.tables.append(try rows(resolved, policy, relation, table, now, in: session))
            }
        }
        try facts.readRest(settings, in: session)
        return facts
    }

    private static func resolve(_ name: String, _ settings: PolicySettings, in session: Session) throws -> Policy {
        var ids: [String: String] = [:]
        for row in try session.query(statements["tenants"], Array(settings.tenants.keys)) {
            ids[try row.get("slug")] = try row.get("id", as: String.self)
        }
        if let unknown = settings.tenants.keys.sorted().first(where: { ids[$0] == nil }) {
            throw JobFailure(
                "there is no tenant '\(unknown)', whom jobs/retention-purge.yaml names under policies.\(name).tenants",
                status: .configuration
            )
        }
        var text = "\(name)\n\(settings.keep.text)\n\(settings.floor.text)"
        for (name, keep) in settings.classes.sorted(by: { $0.key < $1.key }) { text += "\nclass \(name) \(keep.text)" }
        for (name, keep) in settings.tenants.sorted(by: { $0.key < $1.key }) { text += "\ntenant \(name) \(keep.text)" }
        return Policy(
            name: name,
            keep: settings.keep,
            classes: settings.classes,
            exceptions: settings.tenants.compactMap { slug, keep in
                ids[slug].map { Policy.Exception(tenant: $0, slug: slug, keep: keep) }
            },
            version: SHA256.hash(data: Data(text.utf8)).hex
        )
    }

    // MARK: - Days

    private static func leaves(
        _ policy: Policy,
        _ relation: String,
        _ now: Timestamp,
        in session: Session
    ) throws -> [Leaf] {
        var leaves = try session.query(statements["leaves"], relation).map { row in
            Leaf(
                policy: policy.name,
                oid: try row.get("oid"),
                relation: try row.get("relation"),
                name: try row.get("name"),
                retentionClass: try row.get("retention_class"),
                range: try row.get("range_start", as: Timestamp.self)..<row.get("range_end", as: Timestamp.self),
                rows: try row.get("rows"),
                bytes: try row.get("bytes"),
                pages: (try row.get("heap_bytes", as: Int.self) + 8191) / 8192,
                fingerprint:
                    "\(try row.get("oid", as: Int.self)) \(try row.get("filenode", as: Int.self)) \(try row.get("changes", as: Int.self)) \(policy.version)"
            )
        }
        for index in leaves.indices {
            let day = leaves[index].range
            let divided = Set(leaves.filter { $0.range == day }.compactMap(\.retentionClass))
            try name(classOf: &leaves[index], policy, now, divided, in: session)
            try look(into: &leaves[index], policy, now, in: session)
        }
        return leaves
    }

    /// Takes a default partition for one of the longest kept class that it holds rows of, when the day had no partition for it:
    /// they were written on the day that the class was made.
    private static func name(
        classOf leaf: inout Leaf,
        _ policy: Policy,
        _ now: Timestamp,
        _ divided: Set<String>,
        in session: Session
    ) throws {
        guard leaf.retentionClass == nil, leaf.range.upperBound <= Policy.horizon(now, policy.keep) else { return }
        let longer = policy.classes.filter { $0.value > policy.keep && !divided.contains($0.key) }
        for (name, _) in longer.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            // sql-here: the partition
            let text = "SELECT EXISTS (SELECT FROM \(leaf.relation) WHERE retention_class = $1) AS found"
            let row = try session.query(Statement("retention_facts.class_rows", text), name)[0]
            guard try row.get("found", as: Bool.self) else { continue }
            leaf.retentionClass = name
            return
        }
    }

    /// Reads what only partitions need of which something may go: whose rows they hold, where that matters, and what stands
    /// against it.
    private static func look(into leaf: inout Leaf, _ policy: Policy, _ now: Timestamp, in session: Session) throws {
        let end = leaf.range.upperBound
        func isDue(_ keep: Duration) -> Bool { end <= Policy.horizon(now, keep) }
        let isDueAsAll = isDue(policy.keep(leaf.retentionClass))
        let exceptions = policy.exceptions.filter { isDue($0.keep) != isDueAsAll }
        guard isDueAsAll || !exceptions.isEmpty else { return }
        let sources = [policy.name, leaf.name, leaf.name.replacing("_default", with: "")]
        let holds = try session.query(statements["holds"], sources, end).map(RowTable.Hold.init(row:)).filter { hold in
            hold.end.map { $0 > leaf.range.lowerBound } ?? true
        }
        if !exceptions.isEmpty || holds.contains(where: { $0.tenant != nil }) {
            // sql-here: the partition
            let text = "SELECT tenant_id::text AS tenant, count(*) AS rows FROM \(leaf.relation) GROUP BY 1"
            for row in try session.query(Statement("retention_facts.tenant_rows", text)) {
                leaf.tenants[try row.get("tenant")] = try row.get("rows", as: Int.self)
            }
        }
        leaf.heldTenants = Set(holds.compactMap(\.tenant).filter { leaf.tenants[$0] != nil })
        guard let share = RetentionPlan.share(of: leaf, policy, isDue: isDue) else { return }
        let isWhole = share.tenants.isEmpty
        leaf.obstacles = try session.query(
            statements["obstacles"],
            leaf.oid,
            isWhole ? nil : share.tenants.compactMap { UUID(uuidString: $0) },
            share.spares
        ).map { Obstacle(code: try $0.get("code"), reason: try $0.get("reason")) }
    }

    // MARK: - Rows

    private static func rows(
        _ policy: Policy,
        _ settings: PolicySettings,
        _ relation: String,
        _ row: Row,
        _ now: Timestamp,
        in session: Session
    ) throws -> RowTable {
        var table = RowTable(
            policy: policy.name,
            oid: try row.get("oid"),
            relation: relation,
            timeColumn: settings.timeColumn,
            tenantColumn: settings.tenantColumn,
            rows: try row.get("rows"),
            pages: try row.get("pages"),
            hasTimeIndex: try row.get("has_time_index")
        )
        let type = try session.query(statements["column"], table.oid, settings.timeColumn).first?.get(
            "type",
            as: String.self
        )
        guard type == "timestamp with time zone" else {
            throw JobFailure(
                "column '\(settings.timeColumn)' of \(relation) is \(type ?? "not there"); a time column is a timestamptz",
                status: .configuration
            )
        }
        if let tenant = settings.tenantColumn,
            try session.query(statements["column"], table.oid, tenant).isEmpty
        {
            throw JobFailure(
                "\(relation) has no column '\(tenant)'; write tenant_column: null under policies.\(policy.name)",
                status: .configuration
            )
        }
        let horizon = Policy.horizon(now, policy.keep)
        let last = ([horizon] + policy.exceptions.map { Policy.horizon(now, $0.keep) }).max() ?? horizon
        table.holds = try session.query(statements["holds"], [policy.name], last).map(RowTable.Hold.init(row:))
        let spans =
            [RowTable.Due(tenant: nil, slug: nil, before: horizon, rows: 0, oldest: nil, held: 0)]
            + policy.exceptions.map {
                RowTable.Due(
                    tenant: $0.tenant,
                    slug: $0.slug,
                    before: Policy.horizon(now, $0.keep),
                    rows: 0,
                    oldest: nil,
                    held: 0
                )
            }
        for var due in spans {
            let predicate = RowPredicate(table, due, exceptions: policy.exceptions.map(\.tenant))
            let held = "count(*) FILTER (WHERE NOT (\(predicate.notHeld))) AS held"
            let wanted = "count(*) AS rows, min(\(predicate.time)) AS oldest, \(held)"
            // sql-here: the table is the operator's
            let text = "SELECT \(wanted) FROM \(relation) WHERE \(predicate.isDue)"
            guard let found = try session.query(Statement("retention_facts.due", text)).first else { continue }
            due.rows = try found.get("rows")
            due.oldest = try found.get("oldest")
            due.held = try found.get("held")
            if due.rows > 0 { table.due.append(due) }
        }
        return table
    }
}

extension RetentionFacts.RowTable.Hold {
    init(row: Row) throws {
        self.init(
            tenant: try row.get("tenant"),
            start: try row.get("starts_at"),
            end: try row.get("ends_at"),
            reason: try row.get("reason")
        )
    }
}

/// An identifier as SQL quotes it (manual, 4.1.1).
func quoted(_ name: String) -> String {
    "\"\(name.replacing("\"", with: "\"\""))\""
}
