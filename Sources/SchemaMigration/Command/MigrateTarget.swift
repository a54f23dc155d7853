import CygniCommand
import CygniConfig
import CygniJobs
import CygniModel
import CygniPostgres
import Glibc

/// The database a run works on, and how long it may.
struct MigrateTarget: Sendable {
    var connection: ConnectionOptions
    /// Deadline and grace, as the runner of jobs has them.
    var run: RunSettings
    /// What the settings say about logs; nil without settings.
    var log: LogSettings?
    /// How long to wait for another run to end.
    var wait: Duration
    /// How long to wait for tables.
    var patience = LockPatience.standard

    /// How long to wait when no file says; a deploy of several hosts at once is the usual case, and not a failure.
    static let defaultWait = Duration.minutes(5)

    /// The first that is there: `--database-url`, the settings of `--config` or `$CYGNI_CONFIG`, `$DATABASE_URL`, the
    /// settings of the host, libpq's own variables (manual, 34.15).
    init(_ options: MigrateOptions, _ surroundings: Surroundings) throws(ConfigErrors) {
        let name = "cygni-migrate \(surroundings.host) \(surroundings.pid)"
        let shared = options.job.config.path(surroundings.environment)
        if let url = Self.url(options, surroundings.environment, hasSettings: access(shared, F_OK) == 0) {
            connection = ConnectionOptions(url: url, applicationName: name)
            run = RunSettings(database: connection)
            wait = Self.defaultWait
            return
        }
        let own = options.job.jobFile(of: "migrate", beside: shared)
        let hasJobFile = own.isRequired || access(own.path, F_OK) == 0
        let configuration = try JobConfiguration(
            MigrateSettings.self,
            sharedFile: shared,
            jobFile: own.path,
            hasJobFile: hasJobFile,
            environment: surroundings.environment
        )
        connection = ConnectionOptions(configuration.shared.settings.database, applicationName: name)
        run = RunSettings(database: connection)
        log = configuration.shared.settings.log
        let job = configuration.job.settings.common
        run.timeout = job.timeout
        run.grace = job.grace
        run.retries = job.retries
        patience = configuration.job.settings.own.patience
        wait = hasJobFile ? job.lockWait : Self.defaultWait
    }

    /// For what changes nothing: a signal need not wait for a file in hand, only for a throw-away database to be dropped.
    func thatOnlyLooks() -> MigrateTarget {
        var target = self
        target.run.grace = min(run.grace, .seconds(5))
        return target
    }

    private static func url(
        _ options: MigrateOptions,
        _ environment: [String: String],
        hasSettings: Bool
    ) -> String? {
        if let url = options.databaseURL { return url }
        func isSet(_ name: String) -> Bool { !environment[name, default: ""].isEmpty }
        guard options.job.config.file == nil, !isSet("CYGNI_CONFIG") else { return nil }
        if let url = environment["DATABASE_URL"], !url.isEmpty { return url }
        // An empty connection string leaves everything to libpq.
        return !hasSettings && ["PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE"].contains(where: isSet) ? "" : nil
    }
}
