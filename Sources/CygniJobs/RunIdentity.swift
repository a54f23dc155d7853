package import CygniModel
package import FoundationEssentials
package import Logging

/// Who a run is and how it was asked for, as the ledger and the report show it.
package struct RunIdentity: Sendable {
    package var id = UUID()
    package var job: String
    /// What started it: `cron`, `systemd`, `kubernetes`, `manual`, `ci`.
    package var trigger = "manual"
    /// The moment of the schedule it is for; nil: none, as for a run that a person starts.
    package var slot: Timestamp?
    /// A schedule started it, on many hosts at the same second.
    var isScheduled: Bool { ["cron", "systemd", "kubernetes"].contains(trigger) }
    package var host: String
    package var pid: Int
    package var version: String
    /// Other hosts may run the job at the same time.
    var isShared = false
    /// What runs of the job exclude each other by: the whole platform, or this host alone.
    var lane: String { isShared ? "\(job) on \(host)" : job }
    /// The settings in force, secrets left out; the ledger keeps a digest of it.
    package var configText = ""
    package var limit = 0
    package var isDryRun = false
    package var logger: Logger
    package var crashPoints = CrashPoints.none

    package init(job: String, host: String, pid: Int, version: String, logger: Logger) {
        self.job = job
        self.host = host
        self.pid = pid
        self.version = version
        self.logger = logger
    }
}
