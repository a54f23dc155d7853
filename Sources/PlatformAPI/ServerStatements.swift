import CygniPostgres

/// The server's SQL, by file.
enum ServerStatements {
    /// Of every transaction, and what is asked before serving.
    static let server = StatementFile("server", PackageResources.server_sql)
    /// Run as `cygni_app`, within one tenant.
    static let tenantThings = StatementFile("tenant_things", PackageResources.tenant_things_sql)
    /// Run as the role of the jobs.
    static let operations = StatementFile("operations", PackageResources.operations_sql)
    /// The same role, for the operator's page.
    static let pages = StatementFile("pages", PackageResources.pages_sql)
}
