@testable import CygniAudit
import FoundationEssentials
import Testing

/// A way to change the log behind its back, and what the verifier has to say about it.
///
/// `a` stands in the statements for the rows of one tenant.
struct Tampering: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let sql: String
    /// Place and kind of each finding, all of them in the chain of `a`.
    let findings: [Int: AuditFinding.Kind]

    private init(_ description: String, _ sql: String, _ findings: [Int: AuditFinding.Kind]) {
        testDescription = description
        self.findings = findings
        self.sql = sql.replacing("WHERE a", with: "WHERE tenant_id = '\(AuditFixture.anna.uuidString)'")
    }

    /// Recomputes the hash of entry $n as the owner could.
    private static func rehash(_ seq: Int) -> String {
        """
        UPDATE cygni.audit_log
        SET hash = cygni_private.audit_hash(tenant_id, seq, id, at, actor, action, subject, details, prev_hash)
        WHERE a AND seq = \(seq);
        """
    }

    static let all: [Tampering] = [
        Tampering("An action edited", "UPDATE cygni.audit_log SET action = 'x' WHERE a AND seq = 4", [4: .edited]),
        Tampering("An actor edited", "UPDATE cygni.audit_log SET actor = 'x' WHERE a AND seq = 1", [1: .edited]),
        Tampering("A subject edited", "UPDATE cygni.audit_log SET subject = 'x' WHERE a AND seq = 10", [10: .edited]),
        Tampering("Details edited", "UPDATE cygni.audit_log SET details = '{}' WHERE a AND seq = 4", [4: .edited]),
        Tampering("An id edited", "UPDATE cygni.audit_log SET id = 9999 WHERE a AND seq = 4", [4: .edited]),
        Tampering(
            "A time edited by a microsecond",
            "UPDATE cygni.audit_log SET at = at + interval '1 microsecond' WHERE a AND seq = 4",
            [4: .edited]
        ),
        Tampering(
            "A time edited to infinity",
            "UPDATE cygni.audit_log SET at = 'infinity' WHERE a AND seq = 4",
            [4: .edited]
        ),
        Tampering(
            "A character moved from one field to the next",
            "UPDATE cygni.audit_log SET action = 'thing.', subject = '4' || subject WHERE a AND seq = 4",
            [4: .edited]
        ),
        Tampering(
            "An entry edited and rehashed",
            "UPDATE cygni.audit_log SET action = 'x' WHERE a AND seq = 4;" + rehash(4),
            [5: .unlinked]
        ),
        Tampering(
            "The last entry edited and rehashed",
            "UPDATE cygni.audit_log SET action = 'x' WHERE a AND seq = 10;" + rehash(10),
            [10: .rewritten]
        ),
        Tampering("An entry deleted", "DELETE FROM cygni.audit_log WHERE a AND seq = 4", [4: .deleted(through: 4)]),
        Tampering(
            "Three entries deleted",
            "DELETE FROM cygni.audit_log WHERE a AND seq BETWEEN 4 AND 6",
            [4: .deleted(through: 6)]
        ),
        Tampering(
            "The first entry deleted",
            "DELETE FROM cygni.audit_log WHERE a AND seq = 1",
            [1: .deleted(through: 1)]
        ),
        Tampering(
            "An entry deleted and the gap closed",
            """
            DELETE FROM cygni.audit_log WHERE a AND seq = 7;
            UPDATE cygni.audit_log SET seq = seq + 100 WHERE a AND seq > 7;
            UPDATE cygni.audit_log SET seq = seq - 101 WHERE a AND seq > 100;
            """,
            [7: .deleted(through: 7), 8: .moved(from: 9), 9: .moved(from: 10), 10: .cut(knownEnd: 10)]
        ),
        Tampering("The tail cut", "DELETE FROM cygni.audit_log WHERE a AND seq > 7", [8: .cut(knownEnd: 10)]),
        Tampering("All of a chain deleted", "DELETE FROM cygni.audit_log WHERE a", [1: .cut(knownEnd: 10)]),
        Tampering(
            "Two entries swapped",
            """
            UPDATE cygni.audit_log SET seq = 100 WHERE a AND seq = 3;
            UPDATE cygni.audit_log SET seq = 3 WHERE a AND seq = 7;
            UPDATE cygni.audit_log SET seq = 7 WHERE a AND seq = 100;
            """,
            [3: .moved(from: 7), 4: .unlinked, 7: .moved(from: 3), 8: .unlinked]
        ),
        Tampering(
            "The contents of two entries swapped",
            """
            UPDATE cygni.audit_log AS row SET action = other.action, details = other.details
            FROM cygni.audit_log AS other
            WHERE row.tenant_id = '\(AuditFixture.anna.uuidString)' AND other.tenant_id = row.tenant_id
                AND row.seq IN (3, 7) AND other.seq = 10 - row.seq
            """,
            [3: .moved(from: 7), 7: .moved(from: 3)]
        ),
        Tampering(
            "An entry inserted at the end, well hashed",
            """
            INSERT INTO cygni.audit_log (tenant_id, seq, at, actor, action, prev_hash, hash)
            SELECT tenant_id, 11, at, actor, 'x', hash, hash FROM cygni.audit_log WHERE a AND seq = 10;
            """ + rehash(11),
            [11: .inserted]
        ),
        Tampering(
            "An entry inserted in the middle, well hashed",
            """
            UPDATE cygni.audit_log SET seq = seq + 100 WHERE a AND seq > 8;
            UPDATE cygni.audit_log SET seq = seq - 99 WHERE a AND seq > 100;
            INSERT INTO cygni.audit_log (tenant_id, seq, at, actor, action, prev_hash, hash)
            SELECT tenant_id, 9, at, actor, 'x', sha256('x'), hash FROM cygni.audit_log WHERE a AND seq = 8;
            """ + rehash(9),
            [9: .inserted, 10: .moved(from: 9), 11: .moved(from: 10)]
        ),
        Tampering(
            "An entry inserted without a place",
            """
            INSERT INTO cygni.audit_log (tenant_id, at, actor, action, prev_hash, hash)
            SELECT tenant_id, at, actor, 'x', sha256('x'), sha256('y') FROM cygni.audit_log WHERE a AND seq = 4;
            """,
            [11: .inserted]
        ),
        Tampering(
            "The recorded end removed",
            "DELETE FROM cygni_private.audit_heads WHERE a",
            [10: .headless]
        ),
    ]
}
