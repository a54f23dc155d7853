import CertRenewal
import CygniAccess
package import CygniConfig
import DNSVerification
import EngineReclaim
import LogArchive
import MetricsRollup
import PreviewReaping
import RetentionPurge
import SchemaMigration

extension ConfigCatalogue {
    /// Every configuration file there is; a new job adds its own here.
    package static let platform = ConfigCatalogue([
        .shared,
        ConfigDocument("api", file: "api.yaml", APISettings.self, "The settings of cygni-api, beside the shared file."),
        .job("metrics-rollup", RollupSettings.self),
        .job("log-archive", ArchiveSettings.self),
        .job("retention-purge", RetentionSettings.self),
        .job("dns-verify", VerificationSettings.self),
        .job("cert-renew", RenewalSettings.self),
        .job("preview-reap", ReapSettings.self),
        .job("reclaim", ReclaimSettings.self),
        .job("migrate", MigrateSettings.self),
    ])
}
