import CygniConfig
import CygniJobs
import CygniModel
import MetricsRollup

/// A moment that is known to be well written.
func moment(_ text: String) -> Timestamp {
    guard let moment = Timestamp(parsing: text) else { preconditionFailure("not a time: \(text)") }
    return moment
}

/// The default settings, with what a test changes.
func settings(sealAfter: Duration = .hours(48), limits: [String: Int] = [:], audits: Int = 0) -> RollupSettings {
    var settings = RollupSettings.standard
    settings.sealAfter = sealAfter
    settings.seriesLimits = limits
    settings.auditHours = audits
    return settings
}

extension RunClock {
    /// The system's clock, but the job decides as of `moment`.
    static func fixed(_ moment: Timestamp) -> RunClock {
        var clock = RunClock.system
        clock.decisionTime = moment
        return clock
    }
}
