import CygniAccess
import CygniCommand
import CygniConfig
import CygniJobs
import CygniLog
import CygniModel
import CygniObjectStore
import CygniPostgres
import JobBook

/// Puts a server's parts together, and looks whether it may serve with them.
struct ServerStart: Sendable {
    private static let statements = ServerStatements.server
    let shared: SharedSettings
    let own: APISettings
    let port: Int
    let jobs: ConfigFiles

    /// - Throws: ``JobFailure``, `PostgresError`, `SigningKeys.BadKey`.
    func parts() async throws -> ServerParts {
        guard let secret = ServerSecret(own.secret) else {
            throw JobFailure("secret must be 32 bytes in base64", status: .configuration)
        }
        let keys = try await SigningKeys(pem: own.tokens.keys, current: own.tokens.current)
        var options = ConnectionOptions(shared.database, applicationName: "cygni-api")
        options.settings["jit"] = "off"
        try await check(options)
        let pool = ConnectionPool(options, limit: shared.database.pool)
        let database = ServerDatabase(
            pool: pool,
            platformRole: shared.database.role,
            timeLimit: own.limits.time,
            size: shared.database.pool
        )
        return ServerParts(
            settings: own,
            publicURL: own.address(port: port),
            database: database,
            store: try shared.objectStore.open(now: { .wallClock() }),
            secret: secret,
            keys: keys,
            document: PlatformContract.document.text,
            jobs: jobs
        )
    }

    /// Schema and roles. A role for tenants that row-level security does not bind would show each of them all rows.
    private func check(_ options: ConnectionOptions) async throws {
        let connection = try await Connection.open(options)
        let platformRole = shared.database.role
        try await connection.access { session in
            try PlatformSchema.check(needing: Readiness.requiredMigration, by: "the server", in: session)
            for role in ["cygni_app", platformRole] {
                guard let row = try session.query(Self.statements["app_role"], role).first else {
                    throw JobFailure("there is no role '\(role)': run `cygni-migrate up`", status: .configuration)
                }
                guard try !row.get("is_above", as: Bool.self) else {
                    throw JobFailure(
                        "role '\(role)' is above row-level security: ALTER ROLE \(role) NOSUPERUSER NOBYPASSRLS",
                        status: .configuration
                    )
                }
                guard try row.get("is_member", as: Bool.self) else {
                    throw JobFailure(
                        "the login of database.url may not act as '\(role)': GRANT \(role) TO it",
                        status: .configuration
                    )
                }
            }
        }
        await connection.close()
    }
}
