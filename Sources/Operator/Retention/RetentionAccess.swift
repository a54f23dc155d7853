import ArgumentParser
import CygniConfig
import CygniJobs
import CygniPostgres
import CygniCommand
import FoundationEssentials
import JobBook
import RetentionPurge

/// What commands about retention read of the settings.
struct RetentionAccess {
    let files: ConfigFiles
    let job: JobSettings
    let settings: RetentionSettings

    init(_ database: DatabaseOptions, _ surroundings: Surroundings) throws {
        let environment = surroundings.environment
        files = ConfigFiles(shared: database.config.path(environment), environment: environment)
        let file = files.path(of: .job(RetentionPurgeJob.name, RetentionSettings.self))
        let loaded = try ConfigLoader.load(JobFile<RetentionSettings>.self, file: file, environment: environment)
            .settings
        (job, settings) = (loaded.common, loaded.own)
    }
}

/// Finds a tenant by slug or id.
enum TenantName {
    /// - Returns: nil when nobody is called that, and it is no id either.
    static func resolve(_ name: String, in session: Session) throws -> UUID? {
        let statements = StatementFile("tenant", PackageResources.tenant_sql)
        let found = try session.query(statements["by_name"], name.lowercased()).first?.get("id", as: UUID.self)
        // A tenant that is gone may have left something behind.
        return found ?? UUID(uuidString: name)
    }
}
