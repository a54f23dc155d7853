@testable import CygniAudit
import CygniTestSupport
import CygniPostgres
import Testing

@Suite("What a verification finds")
struct TamperTests {
    @Test("An untouched log is intact")
    func intact() async throws {
        try await AuditFixture.run { fixture in
            let report = try await fixture.verify()
            #expect(report.isIntact)
            #expect(report.entryCount == 3 * AuditFixture.length)
            #expect(report.chains.map(\.tenant) == [AuditFixture.anna, AuditFixture.bert, nil])
            #expect(try await fixture.verify(anchors: report.anchors).isIntact)
        }
    }

    @Test("Each kind of tampering is found, named, and blamed on nobody else", arguments: Tampering.all)
    func found(tampering: Tampering) async throws {
        try await AuditFixture.run { fixture in
            try await fixture.tamper(tampering.sql)
            let report = try await fixture.verify()
            var expected = tampering.findings
            for finding in report.findings {
                #expect(finding.tenant == AuditFixture.anna)
                // Rows around the named one may be reported too, as they do not link to it any more.
                if expected[finding.seq] == finding.kind { expected[finding.seq] = nil }
            }
            #expect(expected.isEmpty, "found \(report.findings)")
            #expect(report.findingCount == report.findings.count && !report.isIntact)
        }
    }

    @Test("A plain edit is one finding")
    func editIsOneFinding() async throws {
        try await AuditFixture.run { fixture in
            try await fixture.tamper("UPDATE cygni.audit_log SET action = 'x' WHERE tenant_id IS NULL AND seq = 4")
            let findings = try await fixture.verify().findings
            #expect(findings.count == 1)
            let text = findings.first?.description ?? ""
            #expect(text.hasPrefix("platform, entry 4 (id ") && text.contains("edited"))
        }
    }

    @Test("An entry carried over to another chain is missing there and foreign here")
    func movedBetweenChains() async throws {
        try await AuditFixture.run { fixture in
            try await fixture.tamper(
                """
                UPDATE cygni.audit_log SET tenant_id = '\(AuditFixture.bert)', seq = 11
                WHERE tenant_id = '\(AuditFixture.anna)' AND seq = 10
                """
            )
            let findings = try await fixture.verify().findings
            #expect(findings.contains { $0.tenant == AuditFixture.anna && $0.kind == .cut(knownEnd: 10) })
            #expect(findings.contains { $0.tenant == AuditFixture.bert && $0.kind == .inserted && $0.seq == 11 })
        }
    }

    @Test("Thousands of findings are counted, not listed")
    func findingsAreCapped() async throws {
        try await AuditFixture.run { fixture in
            try await fixture.jobs.transaction { session in
                for _ in 0..<1200 {
                    try AuditLog.append(AuditEvent(tenant: nil, actor: "a", action: "b"), in: session)
                }
            }
            try await fixture.tamper("UPDATE cygni.audit_log SET actor = 'x'")
            let report = try await fixture.verify()
            #expect(report.findingCount == 1200 + 3 * AuditFixture.length)
            #expect(report.findings.count == AuditReport.findingLimit)
        }
    }
}
