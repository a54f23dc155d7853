package import CygniPostgres
import FoundationEssentials

/// The hash-chained audit log of the platform.
package enum AuditLog {
    static let statements = StatementFile("audit", PackageResources.audit_sql)

    /// Puts an event on record and returns its id; call it in the transaction of what it records.
    ///
    /// The end of the tenant's chain stays locked until the transaction ends: append late, and to several chains in a fixed
    /// order, or run the transaction with `attempts`.
    @discardableResult
    package static func append(_ event: AuditEvent, in session: Session) throws -> Int {
        let rows = try session.query(
            statements["append"],
            event.tenant,
            event.actor,
            event.action,
            event.subject,
            event.details
        )
        return try rows[0].get("id")
    }

    /// The same for many: each tenant's in the order given, and the chains in a fixed order.
    package static func append(_ events: [AuditEvent], in session: Session) throws {
        guard !events.isEmpty else { return }
        try session.query(
            statements["append_all"],
            events.map { $0.tenant?.uuidString ?? "" },
            events.map(\.actor),
            events.map(\.action),
            events.map(\.subject),
            events.map(\.details.text)
        )
    }

    /// Recomputes every chain and compares it with its recorded end and with `anchors`.
    ///
    /// All of it is read in one snapshot, so that rows which are appended meanwhile do not matter; memory stays flat however
    /// long the log is.
    package static func verify(_ connection: Connection, anchors: [AuditAnchor] = []) async throws -> AuditReport {
        try await connection.transaction(.snapshot) { session in
            let heads = try session.query(statements["heads"]).map(ChainHead.init(row:))
            var verifier = AuditVerifier(heads: heads, anchors: anchors)
            try session.query(statements["open_entries"])
            while true {
                let rows = try session.query(statements["fetch_entries"])
                if rows.isEmpty { break }
                for row in rows {
                    if let entry = try? AuditEntry(row: row) {
                        verifier.take(entry)
                    } else {
                        verifier.takeUnreadable(
                            tenant: try row.get("tenant_id"),
                            seq: try row.get("seq"),
                            id: try row.get("id")
                        )
                    }
                }
            }
            try session.query(statements["close_entries"])
            return verifier.finish()
        }
    }
}
