@testable import CygniAudit
import CygniModel
import CygniPostgres
import CygniTestSupport
import FoundationEssentials
import Testing

@Suite("Appending to the audit log")
struct AppendTests {
    @Test("Eight writers at once make no fork and lose nothing")
    func concurrentWriters() async throws {
        try await AuditFixture.run { fixture in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        let connection = try await fixture.database.connect(role: "cygni_jobs")
                        for number in 0..<40 {
                            let tenant = number % 2 == 0 ? AuditFixture.anna : nil
                            _ = try await connection.transaction { session in
                                try AuditLog.append(
                                    AuditEvent(tenant: tenant, actor: "writer:\(writer)", action: "write.\(number)"),
                                    in: session
                                )
                            }
                        }
                    }
                }
                // A reader meanwhile sees chains without gaps: an entry shows only with all before it.
                group.addTask {
                    let reader = try await fixture.database.connect(role: "cygni_jobs")
                    for _ in 0..<10 {
                        let report = try await AuditLog.verify(reader)
                        #expect(report.isIntact, "\(report.findings)")
                    }
                }
                try await group.waitForAll()
            }
            let report = try await fixture.verify()
            #expect(report.isIntact, "\(report.findings)")
            let counts = report.chains.map(\.count)
            #expect(counts == [160 + AuditFixture.length, AuditFixture.length, 160 + AuditFixture.length])
        }
    }

    @Test("What is rolled back leaves no trace in the chain")
    func rollback() async throws {
        struct Stop: Error {}
        try await AuditFixture.run { fixture in
            await #expect(throws: Stop.self) {
                try await fixture.jobs.transaction { session in
                    try AuditLog.append(AuditEvent(tenant: nil, actor: "a", action: "b"), in: session)
                    throw Stop()
                }
            }
            let report = try await fixture.verify()
            #expect(report.isIntact && report.chains.last?.seq == AuditFixture.length)
        }
    }

    @Test(
        "Whatever the text, the hash of the database is the one computed here",
        arguments: [
            ("ünïcode 🦢", #"{"b": 1.50, "a": [1e3, null, "\u00e9"], "a b": {"x": -0}}"#),
            ("a\nb\t\\ '\" 3:abc,", #"{"": ""}"#),
            (String(repeating: "long ", count: 20_000), "{}"),
        ]
    )
    func roundTrip(subject: String, details: String) async throws {
        try await AuditFixture.run { fixture in
            let event = AuditEvent(
                tenant: AuditFixture.bert,
                actor: subject,
                action: "x",
                subject: subject,
                details: JSONText(details)
            )
            try await fixture.jobs.transaction { session in _ = try AuditLog.append(event, in: session) }
            #expect(try await fixture.verify().isIntact)
        }
    }

    @Test("The form that is hashed stays what it is")
    func knownHash() throws {
        // Computed with Python's hashlib from the description in the migration.
        let entry = AuditEntry(
            tenant: AuditFixture.anna,
            seq: 2,
            id: 17,
            at: Timestamp(microseconds: 1_795_317_420_123_456),
            actor: "user:anna",
            action: "domain.verify",
            subject: "bücher.test",
            details: #"{"a": 1}"#,
            previous: .genesis,
            hash: .genesis
        )
        #expect(entry.computedHash.description == "d5a3403e7c71a91e164af17f9e0ba3d12f5670ff800d19417499e90f8228dc06")
        var platform = entry
        platform.tenant = nil
        #expect(platform.computedHash.description == "b9d57f53783dba854c743324f80794aba14d237e759be26cf1dc97550e1b09ec")
    }

    @Test("Neither an empty actor nor details that are no object are taken")
    func constraints() async throws {
        try await AuditFixture.run { fixture in
            for event in [
                AuditEvent(tenant: nil, actor: "", action: "b"), AuditEvent(tenant: nil, actor: "a", action: ""),
                AuditEvent(tenant: nil, actor: "a", action: "b", details: JSONText("[]")),
            ] {
                await #expect {
                    try await fixture.jobs.transaction { session in _ = try AuditLog.append(event, in: session) }
                } throws: { ($0 as? PostgresError)?.sqlState == "23514" }
            }
        }
    }

    @Test(
        "Nobody but the owner changes it by hand",
        arguments: ["cygni_jobs", "cygni_app", TestCluster.superuser],
        [
            "INSERT INTO cygni.audit_log (at, actor, action, prev_hash, hash) VALUES (now(), 'a', 'b', sha256('a'), sha256('b'))",
            "UPDATE cygni.audit_log SET action = 'x'", "DELETE FROM cygni.audit_log", "TRUNCATE cygni.audit_log",
        ]
    )
    func appendOnly(role: String, sql: String) async throws {
        try await AuditFixture.run { fixture in
            let connection = try await fixture.database.connect(role: role)
            let error = await #expect(throws: PostgresError.self) {
                try await connection.access { session in try session.script(sql, name: "tamper") }
            }
            #expect(error?.sqlState == "42501")
        }
    }
}
