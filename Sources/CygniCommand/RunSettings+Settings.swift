import CygniConfig
import CygniJobs
import CygniModel
import CygniPostgres

extension RunSettings {
    /// What the two settings files say about a run.
    init<Own>(_ configuration: JobConfiguration<Own>, applicationName: String) {
        let shared = configuration.shared.settings
        let job = configuration.job.settings.common
        var database = ConnectionOptions(shared.database, applicationName: applicationName)
        database.role = shared.database.role
        self.init(database: database)
        timeout = job.timeout
        retries = job.retries
        jitter = job.jitter
        grace = job.grace
        lockWait = job.lockWait
        textfileDirectory = shared.metrics.textfileDirectory
        expectedInterval = job.schedule?.longestGap
        schedule = job.runSchedule
        after = job.after
    }
}
