import SchemaMigration

extension DatabaseTemplate {
    /// The platform's whole schema, empty: `withDatabase(.migrated) { database in … }`.
    ///
    /// Log in with `database.connect(role:)` as `cygni_owner`, `cygni_jobs` or `cygni_app` to see it as they do.
    package static let migrated = DatabaseTemplate("migrated") { database in
        try await PlatformMigrations.apply(to: database.options())
    }
}
