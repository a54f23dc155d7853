import CygniPostgres

/// The statements of SQL/steps.sql: what a section outside a transaction asks between its own.
enum StepStatements {
    static let file = StatementFile("steps", PackageResources.steps_sql)
}
