import CygniAudit
import CygniEngines
import CygniJobs
import CygniModel
import CygniPostgres
import FoundationEssentials

/// The first and the last word on previews that go, for many at once: a transaction each would take longer than deleting.
extension PreviewBook {
    /// One that is to go when its grace is over.
    struct Marking: Sendable {
        let preview: Preview
        let rule: Rule
        let grace: Duration
    }

    /// - Returns: for each, whether it still stood as it stood when that was decided.
    func mark(_ markings: [Marking]) async throws -> [Bool] {
        let previews = markings.map(\.preview)
        let events = markings.map { marked($0.preview, $0.rule) }
        let now = context.now
        return try await context.transaction { session in
            let ids: Set<UUID> = Set(
                try session.query(
                    Self.statements["mark"],
                    previews.map(\.tenant),
                    previews.map(\.id),
                    previews.map(\.fingerprint),
                    markings.map(\.rule.rawValue),
                    markings.map { Int($0.grace.microseconds) },
                    now
                ).map { try $0.get("id") }
            )
            try AuditLog.append(zip(previews, events).filter { ids.contains($0.0.id) }.map(\.1), in: session)
            return previews.map { ids.contains($0.id) }
        }
    }

    private func marked(_ preview: Preview, _ rule: Rule) -> AuditEvent {
        event(preview, "preview.marked", .object([("rule", .string(rule.rawValue))]))
    }

    /// One that is about to be deleted.
    struct Beginning: Sendable {
        let preview: Preview
        /// The rule by which it is marked in the same breath; nil: it is marked already.
        let marking: Rule?
        /// What is to be deleted of it in engines; it is written down first.
        let known: [EngineObject]
    }

    /// One of which nothing can be brought back from now on.
    struct Begun: Sendable {
        /// In the order in which it goes.
        var belongings: [Belonging] = []
        /// What this and earlier runs were to delete in engines, for a person.
        var objects: [String] = []
        /// What it had before the first of it was deleted; nil: nobody has looked yet.
        var found: Found?
    }

    /// What a preview has that takes room.
    struct Found: Sendable {
        var artifacts = 0
        var bytes = Int64(0)
    }

    /// What was found of one, to be written down.
    struct Finding: Sendable {
        let preview: Preview
        let found: Found
    }

    /// What was deleted of a preview that is proven gone.
    struct Receipt: Sendable {
        let preview: Preview
        let details: JSONValue
    }

    /// - Returns: for each; nil where it changed meanwhile, or is no longer to go.
    func begin(_ beginnings: [Beginning]) async throws -> [Begun?] {
        let previews = beginnings.map(\.preview)
        let objects = beginnings.map { each in
            JSONValue.array(
                each.known.map {
                    .object([
                        ("engine", .string($0.engine)), ("class", .string($0.kind)), ("ref", .string($0.ref)),
                        ("words", .string($0.words)),
                    ])
                }
            ).text
        }
        let marks = beginnings.compactMap { each in each.marking.map { (each.preview.id, marked(each.preview, $0)) } }
        let now = context.now
        return try await context.transaction { session in
            var begun: [UUID: Begun] = [:]
            for row in try session.query(
                Self.statements["begin"],
                previews.map(\.tenant),
                previews.map(\.id),
                previews.map(\.fingerprint),
                beginnings.map { $0.marking?.rawValue ?? "" },
                objects,
                now
            ) {
                var found: Found?
                if let bytes = try row.get("bytes", as: Int?.self) {
                    found = Found(artifacts: try row.get("artifacts"), bytes: Int64(bytes))
                }
                begun[try row.get("id")] = Begun(objects: try row.get("objects"), found: found)
            }
            for row in try session.query(
                Self.statements["belongings"],
                previews.filter { begun[$0.id] != nil }.map(\.tenant),
                previews.filter { begun[$0.id] != nil }.map(\.id)
            ) {
                let kind: String = try row.get("class")
                guard let kind = Belonging.Kind(rawValue: kind) else {
                    throw TeardownFault("nobody knows how to remove a \(kind.printable)")
                }
                begun[try row.get("deployment_id")]?.belongings.append(Belonging(kind: kind, name: try row.get("name")))
            }
            try AuditLog.append(marks.filter { begun[$0.0] != nil }.map(\.1), in: session)
            return previews.map { preview in
                begun[preview.id].map { found in
                    var found = found
                    let order = Belonging.Kind.allCases
                    found.belongings = order.flatMap { kind in found.belongings.filter { $0.kind == kind } }
                    return found
                }
            }
        }
    }

    func note(_ findings: [Finding]) async throws {
        try await context.transaction { session in
            _ = try session.query(
                Self.statements["found"],
                findings.map(\.preview.tenant),
                findings.map(\.preview.id),
                findings.map {
                    JSONValue.object([
                        ("artifacts", .integer($0.found.artifacts)), ("bytes", .integer(Int($0.found.bytes))),
                    ]).text
                }
            )
        }
    }

    /// Ends previews, each with a receipt in its row and in the audit log.
    ///
    /// - Returns: for each, what was written down for it meanwhile, so that it is not ended; nil: nothing.
    func finish(_ receipts: [Receipt]) async throws -> [String?] {
        let events = receipts.map { event($0.preview, "preview.reaped", $0.details) }
        let (tenants, ids) = (receipts.map(\.preview.tenant), receipts.map(\.preview.id))
        return try await context.transaction { session in
            try session.query(Self.statements["lock_previews"], tenants, ids)
            var ended: Set<String> = []
            var late: [UUID: String] = [:]
            for row in try session.query(Self.statements["reaped"], tenants, ids, receipts.map(\.details.text)) {
                let id: UUID = try row.get("id")
                late[id] = try row.get("late", as: String?.self)
                // The others were ended by a run before, whose answer was lost.
                if try row.get("is_gone") { ended.insert(Self.subject(id)) }
            }
            try AuditLog.append(events.filter { ended.contains($0.subject) }, in: session)
            return ids.map { late[$0] }
        }
    }
}
