@testable import CygniAudit
import CygniPostgres
import CygniTestSupport
import FoundationEssentials

/// A database with three chains of ten entries each: two tenants' and the platform's.
struct AuditFixture {
    static let length = 10
    static let anna = tenant(1)
    static let bert = tenant(2)

    let database: TestDatabase
    let jobs: Connection

    /// Runs `body` with a fresh fixture.
    static func run(_ body: (AuditFixture) async throws -> Void) async throws {
        try await withDatabase(.migrated) { database in
            let fixture = AuditFixture(database: database, jobs: try await database.connect(role: "cygni_jobs"))
            try await fixture.fill()
            try await body(fixture)
        }
    }

    private func fill() async throws {
        try await jobs.transaction { session in
            for number in 1...Self.length {
                for tenant in [Self.anna, Self.bert, nil] {
                    let details = JSONText(#"{"number": \#(number)}"#)
                    try AuditLog.append(
                        AuditEvent(tenant: tenant, actor: "job:test", action: "thing.\(number)", details: details),
                        in: session
                    )
                }
            }
        }
    }

    /// Changes the log as only a superuser with the triggers off can.
    func tamper(_ sql: String) async throws {
        try await database.execute("SET session_replication_role = replica;\n" + sql)
    }

    func verify(anchors: [AuditAnchor] = []) async throws -> AuditReport {
        try await AuditLog.verify(jobs, anchors: anchors)
    }

    private static func tenant(_ number: UInt8) -> UUID {
        UUID(uuid: (number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number))
    }
}
