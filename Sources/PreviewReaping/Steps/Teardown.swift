import CygniAudit
import CygniJobs
import CygniModel
import CygniPostgres
import FoundationEssentials

/// Takes one preview down, class by class, proves that nothing is left, and leaves a receipt.
///
/// Every step can be done again: a run that was killed is gone on with by the next one.
struct Teardown: Sendable {
    let context: JobContext
    let book: PreviewBook
    let engines: [any Engine]
    let belongings: Belongings
    let artifacts: Artifacts

    func reap(_ preview: Preview, rule: String) async throws {
        let began = ContinuousClock.now
        let owned = try await begin(preview)
        context.crashPoint("reap.begun")
        for each in owned { try await belongings.delete(each, of: preview) }
        context.crashPoint("reap.belongings")
        var receipt: [(name: String, value: JSONValue)] = [("rule", .string(rule))]
        for (name, value) in try await deleteObjects(of: preview) { receipt.append((name, value)) }
        context.crashPoint("reap.engines")
        var bytes = Int64(0)
        if let prefix = preview.artifactPrefix {
            try await checkPrefix(prefix, preview)
            let gone = try await artifacts.delete(prefix)
            bytes = gone.bytes
            receipt += [("artifacts", .integer(gone.objects)), ("artifact_bytes", .integer(Int(gone.bytes)))]
        }
        context.crashPoint("reap.artifacts")
        try await probe(preview, owned)
        context.crashPoint("reap.probed")
        receipt.append(("belongings", .array(owned.map { .string("\($0.kind) \($0.name)") })))
        receipt.append(("milliseconds", .integer(Int((ContinuousClock.now - began).microseconds / 1000))))
        try await finish(preview, .object(receipt))
        context.crashPoint("reap.receipt")
        context.count("reaped")
        context.count("reaped_bytes", Int(bytes))
    }

    /// - Returns: what it owns, routes and DNS before databases.
    private func begin(_ preview: Preview) async throws -> [Belonging] {
        try await context.transaction { session in
            guard try !session.query(PreviewBook.statements["begin"], preview.tenant, preview.id).isEmpty else {
                throw TeardownFault("it is no longer to go")
            }
            return try session.query(PreviewBook.statements["belongings"], preview.tenant, preview.id).map {
                Belonging(kind: try $0.get("class"), name: try $0.get("name"))
            }.sorted { Self.order($0.kind) < Self.order($1.kind) }
        }
    }

    private static func order(_ kind: String) -> Int {
        ["route", "dns", "schema", "database"].firstIndex(of: kind) ?? 4
    }

    private func deleteObjects(of preview: Preview) async throws -> [(String, JSONValue)] {
        var names: [String] = []
        for engine in engines {
            // As it is now, not as it was when the plan was made.
            for object in try await engine.objects(deployment: preview.name) {
                try await context.checkpoint()
                try await engine.delete(object)
                context.crashPoint("reap.deleted")
                names.append(object.words)
            }
        }
        return [("objects", .array(names.map(JSONValue.string)))]
    }

    private func checkPrefix(_ prefix: String, _ preview: Preview) async throws {
        let other = try await context.read { session in
            try session.query(PreviewBook.statements["prefix_shared"], prefix, preview.id).first?.get(
                "id",
                as: String.self
            )
        }
        if let other {
            throw TeardownFault(
                "its artifacts at \(prefix.printable) are also those of deployment \(other), which lives"
            )
        }
    }

    /// Asks every side anew whether something is left.
    private func probe(_ preview: Preview, _ owned: [Belonging]) async throws {
        for each in owned { try await belongings.probe(each, of: preview) }
        for engine in engines {
            if let left = try await engine.objects(deployment: preview.name).first {
                throw TeardownFault("\(left.words) is still there")
            }
        }
        if let prefix = preview.artifactPrefix { try await artifacts.probe(prefix) }
    }

    private func finish(_ preview: Preview, _ receipt: JSONValue) async throws {
        let event = book.event(preview, "preview.reaped", receipt)
        try await context.transaction { session in
            let rows = try session.query(
                PreviewBook.statements["reaped"],
                preview.tenant,
                preview.id,
                JSONText(receipt.text)
            )
            // Done by a run before, whose answer was lost.
            guard !rows.isEmpty else { return }
            try AuditLog.append(event, in: session)
        }
    }
}
