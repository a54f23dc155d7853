import CygniJobs
import CygniModel
import CygniObjectStore
import CygniPostgres
import FoundationEssentials

extension RetentionSteps {
    /// Deletes archived objects with their manifests and every version of them. From the first mark on, nobody reads them.
    func deleteObjects(_ archives: [RetentionFacts.DueArchive]) async throws {
        context.crashPoint("purge.before-objects")
        let ids = archives.compactMap { UUID(uuidString: $0.id) }
        let (begun, held) = try await context.transaction { session in
            _ = try session.query(Self.statements["freeze_holds"])
            let begun = try session.query(Self.statements["begin_objects"], ids).map {
                try $0.get("id", as: String.self)
            }
            let held = try session.query(Self.statements["held_objects"], ids).map { row in
                "'\(try row.get("object_key", as: String.self))' stays: \(try row.get("held", as: String.self))"
            }
            return (Set(begun), held)
        }
        context.crashPoint("purge.objects-begun")
        let mine = archives.filter { begun.contains($0.id) }
        try await context.checkpoint()
        let failed = try await store.deleteVersions(
            mine.flatMap { [$0.objectKey] + ($0.manifestKey.map { [$0] } ?? []) }
        )
        context.crashPoint("purge.objects-deleted")
        for archive in mine
        where failed[archive.objectKey] == nil && archive.manifestKey.map({ failed[$0] == nil }) ?? true {
            try await writeReceipt(archive)
        }
        if let first = failed.sorted(by: { $0.key < $1.key }).first {
            throw JobFailure("\(failed.count) objects could not be deleted, first '\(first.key)': \(first.value)")
        }
        if !held.isEmpty { throw JobFailure(held.joined(separator: "; ")) }
    }

    private func writeReceipt(_ archive: RetentionFacts.DueArchive) async throws {
        let (run, policy) = (run, policy(archive.policy))
        let proof = JSONText(
            JSONValue.object([("archive", .string(archive.id)), ("source", .string(archive.source))]).text
        )
        try await context.transaction { session in
            guard try !session.query(Self.statements["end_object"], UUID(uuidString: archive.id)).isEmpty else {
                return
            }
            let row = try session.query(
                Self.statements["purge_of_object"],
                run,
                policy,
                "archives",
                archive.objectKey,
                archive.rangeStart,
                archive.rangeEnd,
                archive.rows,
                archive.bytes,
                archive.sha256,
                proof
            )[0]
            let entry = try append("retention.purged", archive.objectKey, try row.get("details"), in: session)
            try session.query(
                Self.statements["note_audit"],
                UUID(uuidString: try row.get("id", as: String.self)),
                entry
            )
        }
        context.count("objects_deleted")
        context.count("object_bytes_deleted", archive.bytes)
    }

    func drop(_ relation: RetentionFacts.DueRelation) async throws {
        context.crashPoint("purge.before-relation")
        let (run, policy) = (run, policy("metrics_\(relation.level)"))
        let rows = try await obeying {
            try await patiently { session in
                try session.query(Self.statements["drop_rollup"], relation.relation, run, policy)[0].get(
                    "rows",
                    as: Int.self
                )
            }
        }
        context.crashPoint("purge.relation-dropped")
        context.count("rollup_relations_dropped")
        context.count("rollup_samples_dropped", rows)
    }

    func close(_ segment: RetentionFacts.DueSegment) async throws {
        context.crashPoint("purge.before-segment")
        let (run, policy, tenant) = (run, policy("audit_log"), segment.tenant.flatMap { UUID(uuidString: $0) })
        let rows = try await obeying {
            try await context.transaction { session in
                try session.query(Self.statements["close_segment"], tenant, segment.lastSequence, run, policy)[0].get(
                    "rows",
                    as: Int.self
                )
            }
        }
        context.crashPoint("purge.segment-closed")
        context.count("audit_entries_closed", rows)
    }
}
