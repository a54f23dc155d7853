import CygniConfig
import CygniModel
import CygniPostgres
import FoundationEssentials
import JobBook
import RetentionPurge

/// One question, and what has to be read for its answer.
struct RetentionQuestion: Sendable {
    let table: String?
    let row: String?
    let tenant: String?
    let access: RetentionAccess

    static let statements = StatementFile("retention", PackageResources.retention_sql)

    func answers(in session: Session) throws -> [RetentionAnswer] {
        let now = try session.query(Self.statements["now"])[0].get("now", as: Timestamp.self)
        let whose = try tenant.map { name -> UUID in
            guard let id = try TenantName.resolve(name, in: session) else {
                throw ToolError("there is no tenant '\(name)'", status: .failure)
            }
            return id
        }
        let found = try session.query(Self.statements["class_of"], whose).first
        let retentionClass = try found?.get("class", as: String.self) ?? "standard"
        if let row { return [try answer(row, now, whose, retentionClass, in: session)] }
        if let whose {
            let slug = try found?.get("slug", as: String.self) ?? "\(whose)".lowercased()
            let explainer = try explainer(now, source: nil, tenant: whose, in: session)
            let id = whose.text
            return [explainer.tenant(id, slug: slug, retentionClass: retentionClass)]
        }
        let names = table.map { [$0] } ?? access.settings.policies.keys.sorted()
        return try names.map { name in
            let explainer = try explainer(now, source: name, tenant: nil, in: session)
            return try explainer.table(name) ?? unnamed(name, in: session)
        }
    }

    /// Of a table that no policy names.
    private func unnamed(_ name: String, in session: Session) throws -> RetentionAnswer {
        let quoted = "cygni.\"\(name.replacing("\"", with: ""))\""
        guard try session.query(Self.statements["relation_exists"], quoted)[0].get("found", as: Bool.self) else {
            throw ToolError("there is no table cygni.\(name), and no policy is called so", status: .failure)
        }
        return RetentionAnswer(
            subject: "\(name): its rows stay",
            about: [
                "no policy of \(access.files.path(of: .job(RetentionPurgeJob.name, RetentionSettings.self))) names it"
            ]
        )
    }

    private func answer(
        _ name: String,
        _ now: Timestamp,
        _ whose: UUID?,
        _ retentionClass: String,
        in session: Session
    ) throws -> RetentionAnswer {
        let times = access.settings.policies.mapValues(\.timeColumn)
        let id = whose?.text
        guard
            let row = try FoundRow.at(name, tenant: id, retentionClass: retentionClass)
                ?? FoundRow.find(name, timeColumns: times, in: session)
        else {
            throw ToolError(
                "no row of the platform's tables has the id '\(name)'; log lines and samples have none: TABLE@TIME names those",
                status: .failure
            )
        }
        let tenant = row.tenant.flatMap { UUID(uuidString: $0) }
        return try explainer(now, source: row.table, tenant: tenant, in: session)
            .row(row, fate: fate(of: row, in: session))
    }

    /// What became of the rows of that moment, if they are gone or about to be.
    private func fate(of row: FoundRow, in session: Session) throws -> String? {
        guard let time = row.time else { return nil }
        for place in try session.query(Self.statements["quarantined"], row.table) {
            let range = try place.get("range_start", as: Timestamp.self)..<place.get("range_end", as: Timestamp.self)
            guard range.contains(time) else { continue }
            let (partition, until) = (
                try place.get("partition", as: String.self), try place.get("drop_after", as: Timestamp.self)
            )
            return "\(partition) is in quarantine until \(until.rfc3339); back with: cygni retention undo \(partition)"
        }
        guard let receipt = try session.query(Self.statements["purge_over"], row.table, time).first else { return nil }
        let (item, at) = (try receipt.get("item", as: String.self), try receipt.get("finished_at", as: Timestamp.self))
        let archives: String = try receipt.get("archives")
        let entry = try receipt.get("audit_id", as: Int?.self).map { ", audit entry \($0)" } ?? ""
        let place = archives.isEmpty ? "" : "; archived in \(archives)"
        return
            "rows of \(item) went at \(at.rfc3339), receipt \(try receipt.get("id", as: String.self))\(entry)\(place)"
    }

    private func explainer(
        _ now: Timestamp,
        source: String?,
        tenant: UUID?,
        in session: Session
    ) throws -> RetentionExplainer {
        var settings = access.settings
        if let source { settings.policies = settings.policies.filter { $0.key == source } }
        let facts = try RetentionFacts.read(now: now, settings: settings, in: session)
        var guards: [String: RetentionExplainer.Guard] = [:]
        for name in settings.policies.keys {
            guards[name] = try session.query(Self.statements["guard"], name).first.map { row in
                .init(
                    needsArchive: try row.get("needs_archive"),
                    needsCertificate: try row.get("needs_certificate"),
                    floor: try row.get("floor")
                )
            }
        }
        let holds = try session.query(Self.statements["holds"], source, tenant, false).map {
            try HoldRow(row: $0).words
        }
        return RetentionExplainer(
            facts: facts,
            settings: settings,
            job: access.job,
            guards: guards,
            holds: holds
        )
    }
}
