import CygniAudit
import CygniEngines
import CygniJobs
import CygniModel
import CygniPostgres
import FoundationEssentials

/// The rows of previews, their ends, and what was learned of forges and engines.
struct PreviewBook: Sendable {
    static let statements = StatementFile("previews", PackageResources.previews_sql)

    let context: JobContext

    /// Hands all previews that are not reaped to `take`, the ones of a project together; never more than that in memory.
    static func walk(_ session: Session, _ take: ([Preview]) -> Void) throws {
        try session.query(statements["open_previews"])
        var project: [Preview] = []
        while true {
            let rows = try session.query(statements["fetch_previews"])
            if rows.isEmpty { break }
            for row in rows {
                let preview = try Preview(row: row)
                if let last = project.last, last.tenant != preview.tenant || last.project != preview.project {
                    take(project)
                    project.removeAll(keepingCapacity: true)
                }
                project.append(preview)
            }
        }
        take(project)
        try session.query(statements["close_previews"])
    }

    func wanted(_ forges: [String]) async throws -> [ForgeSurvey.Wanted] {
        try await context.read { session in
            try session.query(Self.statements["wanted"], forges).map { row in
                ForgeSurvey.Wanted(
                    repository: try row.get("repository"),
                    pullRequests: Set(try row.get("pull_requests", as: [Int].self)),
                    branches: Set(try row.get("branches", as: [String].self))
                )
            }
        }
    }

    func recall(_ url: String) async throws -> KnownAnswer? {
        try await context.read { session in
            guard let row = try session.query(Self.statements["recall"], url).first else { return nil }
            let facts: String = try row.get("facts")
            // One that an older version wrote otherwise is asked for anew.
            guard let page = try? JSONDecoder().decode(ForgePage.self, from: Data(facts.utf8)) else { return nil }
            return KnownAnswer(etag: try row.get("etag"), page: page, next: try row.get("next"))
        }
    }

    func learn(_ answers: [String: KnownAnswer]) async throws {
        let now = context.now
        let rows = try JSONValue.array(
            answers.sorted { $0.key < $1.key }.map { url, answer in
                let facts = String(decoding: try JSONEncoder().encode(answer.page), as: UTF8.self)
                return .object([
                    ("url", .string(url)), ("etag", .string(answer.etag)), ("next", .optional(answer.next)),
                    ("facts", .string(facts)),
                ])
            }
        ).text
        try await context.transaction { session in
            try session.query(Self.statements["learn"], JSONText(rows), now)
            try session.query(Self.statements["forget_answers"], now)
        }
    }

    /// Which of these things have no preview, each with when that was first seen.
    func orphans(_ objects: [EngineObject]) async throws -> [(object: EngineObject, since: Timestamp?)] {
        let ids = Set(objects.map(\.deployment)).compactMap { UUID(uuidString: $0) }
        return try await context.read { session in
            let known = Set(
                try session.query(Self.statements["known"], ids).map { try $0.get("id", as: String.self) }
            )
            var since: [String: Timestamp] = [:]
            for row in try session.query(Self.statements["orphans"]) {
                let key = try
                    "\(row.get("engine", as: String.self)) \(row.get("class", as: String.self)) \(row.get("ref", as: String.self))"
                since[key] = try row.get("first_seen_at")
            }
            return objects.filter { !known.contains($0.deployment.lowercased()) }.map {
                ($0, since["\($0.engine) \($0.kind) \($0.ref)"])
            }
        }
    }

    /// Writes down what was seen: ends that hold or no longer do, and things without a preview.
    func note(_ sightings: [Sighting], _ orphans: [EngineObject], engines: [String]) async throws {
        let now = context.now
        for start in stride(from: 0, to: sightings.count, by: 5000) {
            let part = sightings[start..<min(start + 5000, sightings.count)]
            try await context.transaction { session in
                let (tenants, ids) = (part.map(\.tenant), part.map(\.deployment))
                let rules = part.map { $0.rule?.rawValue ?? "" }
                try session.query(Self.statements["forget_ends"], tenants, ids, rules)
                try session.query(Self.statements["see_ends"], tenants, ids, rules, part.map(\.isSeen), now)
            }
        }
        guard !engines.isEmpty else { return }
        let things = JSONValue.array(
            orphans.map {
                .object([
                    ("engine", .string($0.engine)), ("class", .string($0.kind)), ("ref", .string($0.ref)),
                    ("name", .string($0.name)), ("deployment", .string($0.deployment)),
                ])
            }
        ).text
        try await context.transaction { session in
            if !orphans.isEmpty { try session.query(Self.statements["see_orphans"], JSONText(things), now) }
            try session.query(Self.statements["forget_orphans"], now, engines)
        }
    }

    /// The containers of an engine that a run, this one or an earlier one, began to delete.
    func begun(in engine: String) async throws -> [String] {
        // A dry run repairs nothing.
        guard !context.isDryRun else { return [] }
        return try await context.read { try $0.query(Self.statements["begun"], engine).map { try $0.get("ref") } }
    }

    func restore(_ preview: Preview, _ why: String) async throws {
        let event = event(preview, "preview.restored", .object([("reason", .string(why))]))
        try await context.transaction { session in
            guard try !session.query(Self.statements["restore"], preview.tenant, preview.id).isEmpty else {
                throw TeardownFault("it can't be restored any more")
            }
            try AuditLog.append(event, in: session)
        }
    }

    /// - Throws: ``TeardownFault`` when another deployment, or the archives, have something there, above or below.
    func checkPrefix(_ prefix: String, _ preview: Preview) async throws {
        let owner = try await context.read { session in
            try session.query(Self.statements["prefix_shared"], prefix, preview.tenant, preview.id).first?.get(
                "owner",
                as: String.self
            )
        }
        if let owner { throw TeardownFault("its artifacts at \(prefix.printable) are also those of \(owner)") }
    }

    /// Puts on the platform's record what becomes of an orphan.
    func tell(_ action: String, _ object: EngineObject) async throws {
        let details = JSONValue.object([
            ("class", .string(object.kind)), ("name", .string(object.name)), ("ref", .string(object.ref)),
            ("deployment", .string(object.deployment)),
        ])
        let event = AuditEvent(
            tenant: nil,
            actor: "job:preview-reap",
            action: action,
            subject: "engine:\(object.engine)",
            details: JSONText(details.text)
        )
        try await context.transaction { session in _ = try AuditLog.append(event, in: session) }
    }

    static func subject(_ deployment: UUID) -> String { "deployment:\(deployment.text)" }

    func event(_ preview: Preview, _ action: String, _ details: JSONValue) -> AuditEvent {
        AuditEvent(
            tenant: preview.tenant,
            actor: "job:preview-reap",
            action: action,
            subject: Self.subject(preview.id),
            details: JSONText(details.text)
        )
    }
}
