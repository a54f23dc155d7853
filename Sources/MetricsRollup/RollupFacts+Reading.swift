import CygniModel
package import CygniPostgres

extension RollupFacts {
    /// The statements of this room, for the run and for the tests that prepare each of them.
    package static let statements = StatementFile("rollup_facts", PackageResources.rollup_facts_sql)

    /// Reads everything in the session's snapshot.
    static func read(
        now: Timestamp,
        settings: RollupSettings,
        rebuild: RebuildRange?,
        in session: Session
    ) throws -> RollupFacts {
        var facts = RollupFacts(now: now)
        facts.rebuild = rebuild
        for row in try session.query(statements["horizon"]) {
            facts.isUnpublished = try row.get("is_unpublished")
            facts.retiredRelations = try row.get("retired")
            facts.parkedHours = try row.get("parked")
            facts.costOfSample = try row.get("cost_of_sample")
        }
        facts.notes = try session.query(statements["notes"]).map(Note.init(row:))
        let empty = now.date
        let days = try session.query(
            statements["days"],
            rebuild?.first ?? empty,
            rebuild.map { CivilDate(daysSinceEpoch: $0.last.daysSinceEpoch + 1) } ?? empty
        )
        facts.days = try days.map(Day.init(row:))
        facts.mergeableMonths = try session.query(statements["months"], now - settings.sealAfter)
            .map { try $0.get("month") }
        let ahead = CivilDate(daysSinceEpoch: now.date.daysSinceEpoch + settings.partitionsAhead)
        for row in try session.query(statements["missing_partitions"], now.date, ahead) {
            facts.missingPartitions = try row.get("missing")
        }
        if settings.auditHours > 0 {
            facts.auditCandidates = try session.query(statements["audit_candidates"], Int32(settings.auditHours))
                .map { try $0.get("hour") }
        }
        return facts
    }
}

extension RollupFacts.Note {
    fileprivate init(row: Row) throws {
        self.init(hour: try row.get("hour"), since: try row.get("since"))
        rows = try row.get("rows")
        removed = try row.get("removed")
        isAudited = try row.get("audited")
        revision = try row.get("revision", as: Int?.self)
        refreshedAt = try row.get("refreshed_at", as: Timestamp?.self)
        hasRelation = try row.get("has_relation")
    }
}

extension RollupFacts.Day {
    fileprivate init(row: Row) throws {
        self.init(date: try row.get("day"))
        isSealed = try row.get("state", as: String?.self).map { $0 == "sealed" }
        reopenedAt = try row.get("reopened_at", as: Timestamp?.self)
        isStale = try row.get("is_stale")
        isSettled = try row.get("is_settled")
        isPruned = try row.get("is_pruned")
        hasRelations = try row.get("has_relations")
        hasRaw = try row.get("has_raw")
    }
}
