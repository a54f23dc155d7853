import CygniConfig
import LogArchive
import MetricsRollup
import RetentionPurge
import SchemaMigration

extension ConfigCatalogue {
    /// Every configuration file there is; a new job adds its own here.
    static let platform = ConfigCatalogue([
        .shared,
        .job("metrics-rollup", RollupSettings.self),
        .job("log-archive", ArchiveSettings.self),
        .job("retention-purge", RetentionSettings.self),
        .job("migrate", MigrateSettings.self),
    ])
}
