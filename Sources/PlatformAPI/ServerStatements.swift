import CygniPostgres

/// The server's SQL, by file.
enum ServerStatements {
    /// Of every transaction, and what is asked before serving.
    static let server = StatementFile("server", PackageResources.server_sql)
    /// Run as `cygni_app`, within one tenant.
    static let tenantThings = StatementFile("tenant_things", PackageResources.tenant_things_sql)
    /// Run as `cygni_app`, within one tenant.
    static let ingest = StatementFile("ingest", PackageResources.ingest_sql)
    /// Run as `cygni_app`, within one tenant.
    static let metrics = StatementFile("metrics", PackageResources.metrics_sql)
    /// Run as `cygni_app`, within one tenant.
    static let logs = StatementFile("logs", PackageResources.logs_sql)
    /// Run as the role of the jobs.
    static let days = StatementFile("days", PackageResources.days_sql)
    /// Run as the role of the jobs.
    static let operations = StatementFile("operations", PackageResources.operations_sql)
    /// The same role, for the operator's page.
    static let pages = StatementFile("pages", PackageResources.pages_sql)
}
