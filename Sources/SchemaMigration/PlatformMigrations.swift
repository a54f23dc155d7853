package import CygniPostgres

/// The platform's own migrations, carried in the executable.
package enum PlatformMigrations {
    /// Every file of `Migrations/`; a test holds the list against the folder.
    static let sources: [(path: String, bytes: [UInt8])] = [
        ("0001_tenants.sql", PackageResources._001_tenants_sql),
        ("0002_deployments.sql", PackageResources._002_deployments_sql),
        ("0003_archives.sql", PackageResources._003_archives_sql),
        ("0004_job_runs.sql", PackageResources._004_job_runs_sql),
        ("0005_audit_log.sql", PackageResources._005_audit_log_sql),
        ("0006_day_partitions.sql", PackageResources._006_day_partitions_sql),
        ("0007_histograms.sql", PackageResources._007_histograms_sql),
        ("0008_rollup_registry.sql", PackageResources._008_rollup_registry_sql),
        ("0009_rollup_compute.sql", PackageResources._009_rollup_compute_sql),
        ("0010_rollup_views.sql", PackageResources._010_rollup_views_sql),
        ("0011_rollup_refresh.sql", PackageResources._011_rollup_refresh_sql),
        ("0012_rollup_sealing.sql", PackageResources._012_rollup_sealing_sql),
        ("0013_job_slots.sql", PackageResources._013_job_slots_sql),
        ("0014_archive_receipts.sql", PackageResources._014_archive_receipts_sql),
        ("0015_log_day_checks.sql", PackageResources._015_log_day_checks_sql),
        ("0016_log_day_checks_validated.sql", PackageResources._016_log_day_checks_validated_sql),
        ("0017_retention_classes.sql", PackageResources._017_retention_classes_sql),
        ("0018_legal_holds.sql", PackageResources._018_legal_holds_sql),
        ("0019_retention.sql", PackageResources._019_retention_sql),
        ("0020_retention_interlock.sql", PackageResources._020_retention_interlock_sql),
        ("0021_retention_survivors.sql", PackageResources._021_retention_survivors_sql),
        ("0022_retention_rest.sql", PackageResources._022_retention_rest_sql),
        ("0023_domain_verification.sql", PackageResources._023_domain_verification_sql),
        ("0024_domain_holders.sql", PackageResources._024_domain_holders_sql),
        ("0025_fences_by_host.sql", PackageResources._025_fences_by_host_sql),
        ("0026_certificate_issuing.sql", PackageResources._026_certificate_issuing_sql),
        ("0027_preview_reaping.sql", PackageResources._027_preview_reaping_sql),
        ("0028_reaping_proofs.sql", PackageResources._028_reaping_proofs_sql),
        ("0029_api_access.sql", PackageResources._029_api_access_sql),
        ("0030_run_logs.sql", PackageResources._030_run_logs_sql),
        ("0031_page_sessions.sql", PackageResources._031_page_sessions_sql),
    ]

    /// The set as the migrator takes it.
    package static func load() throws(MigrationFileErrors) -> MigrationSet {
        try MigrationSet(
            name: MigrationSet.platformName,
            origin: MigrationSet.platformName,
            sources: sources,
            isPlatform: true
        )
    }

    /// Makes roles and schemas where they are missing and brings the schema up to date.
    ///
    /// - Parameter options: a login that is a superuser, `cygni_owner`, or a member of it.
    package static func apply(to options: ConnectionOptions) async throws {
        _ = try await Migrator(set: load(), options: options, toolVersion: "embedded").up()
    }

    /// Names of relations that jobs and importers make and drop: days of samples and logs, roll-ups.
    static let madeByJobs = [
        "cygni.metric_samples_p[0-9]*", "cygni.log_lines_p[0-9]*", "cygni_rollup.days_[0-9]*",
        "cygni_rollup.hours_[0-9]*", "cygni_rollup.minutes_[0-9]*", "cygni_quarantine.*",
    ].map(NamePattern.init)

    /// Objects whose definition jobs rewrite: the views over the roll-ups that there are.
    static let rewrittenByJobs: Set = ["view cygni.metrics_1m", "view cygni.metrics_1h", "view cygni.metrics_1d"]

    /// Makes roles, schemas and grants; safe to run again.
    static let bootstrap = String(decoding: PackageResources.bootstrap_sql, as: UTF8.self)
}
