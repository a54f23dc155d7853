@testable import CygniAudit
import CygniModel
import CygniTestSupport
import FoundationEssentials
import CygniPostgres
import Testing

@Suite("Anchors outside of the database")
struct AnchorTests {
    private static let anna = AuditFixture.anna.uuidString

    @Test("A tail cut together with its recorded end is found by the anchor alone")
    func cutTail() async throws {
        try await AuditFixture.run { fixture in
            let anchors = try await fixture.verify().anchors
            try await fixture.tamper(
                """
                DELETE FROM cygni.audit_log WHERE tenant_id = '\(Self.anna)' AND seq > 7;
                UPDATE cygni_private.audit_heads AS head SET seq = row.seq, hash = row.hash, last_id = row.id
                FROM cygni.audit_log AS row
                WHERE row.tenant_id = head.tenant_id AND row.tenant_id = '\(Self.anna)' AND row.seq = 7;
                """
            )
            #expect(try await fixture.verify().isIntact)
            let found = try await fixture.verify(anchors: anchors).findings
            #expect(found == [Self.finding(8, .cut(knownEnd: 10))])
        }
    }

    @Test("A chain removed with everything that tells of it is found by the anchor")
    func removedChain() async throws {
        try await AuditFixture.run { fixture in
            let anchors = try await fixture.verify().anchors
            try await fixture.tamper(
                """
                DELETE FROM cygni.audit_log WHERE tenant_id = '\(Self.anna)';
                DELETE FROM cygni_private.audit_heads WHERE tenant_id = '\(Self.anna)';
                """
            )
            #expect(try await fixture.verify().isIntact)
            let found = try await fixture.verify(anchors: anchors).findings
            #expect(found == [Self.finding(1, .cut(knownEnd: 10))])
        }
    }

    @Test("History rewritten without a flaw differs from the anchor")
    func rewritten() async throws {
        try await AuditFixture.run { fixture in
            let anchors = try await fixture.verify().anchors
            try await fixture.tamper(
                """
                UPDATE cygni.audit_log SET action = 'x' WHERE tenant_id = '\(Self.anna)' AND seq = 10;
                UPDATE cygni.audit_log
                SET hash = cygni_private.audit_hash(tenant_id, seq, id, at, actor, action, subject, details, prev_hash)
                WHERE tenant_id = '\(Self.anna)' AND seq = 10;
                UPDATE cygni_private.audit_heads AS head SET hash = row.hash FROM cygni.audit_log AS row
                WHERE row.tenant_id = head.tenant_id AND row.tenant_id = '\(Self.anna)' AND row.seq = 10;
                """
            )
            #expect(try await fixture.verify().isIntact)
            let found = try await fixture.verify(anchors: anchors).findings
            #expect(found.map(\.kind) == [.rewritten] && found.first?.seq == 10)
        }
    }

    @Test("Old anchors hold while a chain grows")
    func growth() async throws {
        try await AuditFixture.run { fixture in
            let old = try await fixture.verify().anchors
            try await fixture.jobs.transaction { session in
                _ = try AuditLog.append(AuditEvent(tenant: AuditFixture.anna, actor: "a", action: "b"), in: session)
            }
            let new = try await fixture.verify(anchors: old)
            #expect(new.isIntact)
            #expect(try await fixture.verify(anchors: old + new.anchors).isIntact)
        }
    }

    @Test("A file gives back what was written, one object a line, and keeps nothing of before")
    func file() async throws {
        let folder = try TemporaryFolder()
        let file = AnchorFile(path: folder.file("anchors.jsonl"))
        let hash = try #require(AuditHash(hex: String(repeating: "0a", count: 32)))
        let at = Timestamp(microseconds: 1_795_317_420_123_456)
        let first = AuditAnchor(tenant: AuditFixture.anna, seq: 7, hash: hash, at: at, count: 7)
        let second = AuditAnchor(tenant: nil, seq: 9, hash: hash, at: at, count: 9)
        try file.write([first, first, first])
        try file.write([first, second])
        #expect(try file.read() == [first, second])
        let lines = try String(contentsOf: URL(filePath: file.path), encoding: .utf8).split(separator: "\n")
        #expect(
            lines.last == """
                {"at":"2026-11-22T03:17:00.123456Z","count":9,"hash":"\(hash)","seq":9,"tenant":null}
                """
        )
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["anchors.jsonl"])
    }

    @Test(
        "A line that is no anchor is named",
        arguments: [
            ("x", "not a JSON object"),
            (#"{"seq":1}"#, "'tenant' is missing"),
            (#"{"tenant":null,"seq":"1"}"#, "'seq' has the wrong type"),
            (#"{"tenant":null,"seq":1,"count":1,"hash":"00"}"#, "'hash' is not 64 hex digits"),
        ]
    )
    func badLine(line: String, cause: String) throws {
        let folder = try TemporaryFolder()
        let file = AnchorFile(path: try folder.write("\n\(line)\n", to: "anchors.jsonl"))
        defer { withExtendedLifetime(folder) {} }
        let error = #expect(throws: AnchorFileError.self) { try file.read() }
        #expect(error?.description == "anchor file \(file.path):2: \(cause)")
    }

    @Test("A file that is not there is named")
    func missingFile() {
        let error = #expect(throws: AnchorFileError.self) { try AnchorFile(path: "/nowhere/a").read() }
        #expect(error?.description == "anchor file /nowhere/a: failed to read: No such file or directory")
    }

    private static func finding(_ seq: Int, _ kind: AuditFinding.Kind) -> AuditFinding {
        AuditFinding(tenant: AuditFixture.anna, seq: seq, id: nil, kind: kind)
    }
}
