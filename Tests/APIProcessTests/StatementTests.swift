import CygniPostgres
import CygniTestSupport
import Testing

@testable import CygniAccess

@testable import PlatformAPI

/// Every statement of the server, as PostgreSQL reads it in the platform's schema, by the role that runs it.
@Suite struct StatementTests {
    @Test func everyStatementIsOne() async throws {
        try await withDatabase(.migrated) { database in
            let files = [
                ("cygni_jobs", AccessBook.statements), ("cygni_app", ServerStatements.tenantThings),
                ("cygni_jobs", ServerStatements.operations), ("cygni_jobs", ServerStatements.server),
                ("cygni_jobs", ServerStatements.pages),
                ("cygni_app", ServerStatements.ingest), ("cygni_app", ServerStatements.metrics),
                ("cygni_app", ServerStatements.logs), ("cygni_jobs", ServerStatements.days),
            ]
            for (role, file) in files {
                let connection = try await database.connect(role: role)
                try await connection.access { session in
                    #expect(!file.statements.isEmpty)
                    for statement in file.statements { try session.checkStatement(statement) }
                }
            }
        }
    }
}
