import CygniModel
import CygniPostgres

extension RetentionFacts {
    /// What does not belong to one table: quarantine, objects, roll-ups, the audit log, and what earlier runs left.
    mutating func readRest(_ settings: RetentionSettings, in session: Session) throws {
        let statements = Self.statements
        let classes = Set(try session.query(statements["classes"]).map { try $0.get("name", as: String.self) })
        newClasses = (settings.policies["log_lines"]?.classes.keys.sorted() ?? []).filter { !classes.contains($0) }
        copies = try session.query(statements["copies"]).map { try $0.get("copy") }
        pending = try session.query(statements["pending"]).map { try $0.get("leaf") }
        quarantine = try session.query(statements["quarantine"]).map { row in
            Quarantined(
                id: try row.get("id"),
                source: try row.get("source"),
                partition: try row.get("partition"),
                dropAfter: try row.get("drop_after"),
                bytes: try row.get("bytes"),
                obstacle: try row.get("obstacle"),
                isDue: try row.get("is_due")
            )
        }
        openReceipts = try session.query(statements["unfinished"]).map { row in
            OpenReceipt(id: try row.get("id"), item: try row.get("item"), rows: try row.get("rows"))
        }
        for row in try session.query(statements["medians"]) {
            medians[try row.get("source")] = try row.get("median", as: Int.self)
        }
        for row in try session.query(statements["debts"]) {
            debts[try row.get("policy"), default: []].append(
                (try row.get("at"), try row.get("overdue_seconds"), try row.get("drained_at"))
            )
        }
        for (source, keep) in settings.archives.sorted(by: { $0.key < $1.key }) {
            archives += try session.query(statements["archives"], source, Policy.horizon(now, keep)).map { row in
                DueArchive(
                    policy: "archives.\(source)",
                    id: try row.get("id"),
                    source: try row.get("source"),
                    objectKey: try row.get("object_key"),
                    manifestKey: try row.get("manifest_key"),
                    rows: try row.get("rows"),
                    bytes: try row.get("bytes"),
                    sha256: try row.get("sha256"),
                    rangeStart: try row.get("range_start"),
                    rangeEnd: try row.get("range_end"),
                    held: try row.get("held")
                )
            }
        }
        for (level, keep) in settings.rollups.sorted(by: { $0.key < $1.key }) {
            rollups += try session.query(statements["rollups"], level, Policy.horizon(now, keep)).map { row in
                DueRelation(
                    level: level,
                    relation: try row.get("relation"),
                    range: try row.get("range_start", as: Timestamp.self)..<row.get("range_end", as: Timestamp.self),
                    rows: try row.get("rows"),
                    bytes: try row.get("bytes"),
                    held: try row.get("held")
                )
            }
        }
        guard let keep = settings.audit else { return }
        segments = try session.query(statements["segments"], Policy.horizon(now, keep)).map { row in
            DueSegment(
                tenant: try row.get("tenant"),
                rows: try row.get("rows"),
                first: try row.get("first"),
                last: try row.get("last"),
                lastSequence: try row.get("last_seq"),
                held: try row.get("held")
            )
        }
    }
}
