import CygniModel
import CygniPostgres
import FoundationEssentials

/// A row of the audit log as it stands in the database.
struct AuditEntry: Hashable, Sendable {
    var tenant: UUID?
    /// Place in its chain, from 1.
    var seq: Int
    var id: Int
    var at: Timestamp
    var actor: String
    var action: String
    var subject: String
    /// What PostgreSQL prints for the stored jsonb, byte for byte.
    var details: String
    var previous: AuditHash
    var hash: AuditHash

    /// The hash that the row's content gives. The migration that makes `cygni.audit_log` describes the form.
    var computedHash: AuditHash {
        var hasher = FieldHasher()
        hasher.add("cygni-audit-1")
        hasher.add(tenant?.text)
        hasher.add("\(seq)")
        hasher.add("\(id)")
        hasher.add("\(at.microseconds)")
        hasher.add(actor)
        hasher.add(action)
        hasher.add(subject)
        hasher.add(details)
        hasher.add(previous.bytes)
        return hasher.finish()
    }
}

extension AuditEntry {
    init(row: Row) throws {
        tenant = try row.get("tenant_id")
        seq = try row.get("seq")
        id = try row.get("id")
        at = try row.get("at")
        actor = try row.get("actor")
        action = try row.get("action")
        subject = try row.get("subject")
        details = try row.get("details")
        previous = try row.hash("prev_hash")
        hash = try row.hash("hash")
    }
}

extension Row {
    func hash(_ column: String) throws -> AuditHash {
        guard let hash = AuditHash(try get(column, as: Bytes.self).bytes) else {
            throw PostgresError(.client, "column '\(column)' does not hold the 32 bytes of a SHA-256")
        }
        return hash
    }
}

/// Where the database itself says that a chain ends.
struct ChainHead: Sendable {
    var tenant: UUID?
    /// Place of the last row, and how many there are.
    var seq: Int
    var hash: AuditHash
    /// Where the entries end that the purger let go of; the chain goes on from there. nil: it is whole.
    var closed: (seq: Int, hash: AuditHash)?

    init(tenant: UUID?, seq: Int, hash: AuditHash) {
        self.tenant = tenant
        self.seq = seq
        self.hash = hash
    }

    init(row: Row) throws {
        self.init(tenant: try row.get("tenant_id"), seq: try row.get("seq"), hash: try row.hash("hash"))
        if let seq = try row.get("closed_seq", as: Int?.self) { closed = (seq, try row.hash("closed_hash")) }
    }
}
