package import ArgumentParser
import CygniModel
import FoundationEssentials

/// The flags that every job has.
package struct JobOptions: ParsableArguments {
    @OptionGroup package var config: ConfigOption

    @Option(
        help: ArgumentHelp(
            "The job's own settings (default: jobs/<job>.yaml beside the shared file; without one, its defaults).",
            valueName: "file"
        )
    )
    package var jobConfig: String?

    @Flag(help: "Decide everything, print the plan, change nothing.")
    package var dryRun = false

    @Option(help: "How the report on stdout looks.")
    package var output = OutputFormat.text

    @OptionGroup package var log: LogOptions

    @Option(help: ArgumentHelp("Handle at most this many items in this run; 0: no limit.", valueName: "n"))
    package var limit = 0

    @Option(
        help: ArgumentHelp(
            "What started this run, for the ledger (default: ci with $CI set, else manual). With cron, the run waits its jitter.",
            valueName: "name"
        )
    )
    package var trigger: String?

    @Option(
        help: ArgumentHelp(
            "The moment of the schedule this run is for, RFC 3339 (default: with cron, the newest one; by hand, none).",
            valueName: "time"
        )
    )
    package var slot: String?

    @Option(
        help: ArgumentHelp(
            "The id that the ledger, the logs and the report have of this run, a UUID (default: a new one).",
            valueName: "uuid"
        )
    )
    package var runID: String?

    package init() {}

    package func validate() throws {
        if let runID, UUID(uuidString: runID) == nil {
            throw ValidationError("--run-id must be a UUID (found '\(runID)')")
        }
        if let slot, Timestamp(parsing: slot) == nil {
            throw ValidationError("--slot must be a time such as 2026-03-28T01:00:00Z (found '\(slot)')")
        }
        guard limit >= 0 else { throw ValidationError("--limit must be 0 or more (found \(limit))") }
        if let trigger, trigger.wholeMatch(of: /[a-z][a-z0-9_-]{0,62}/) == nil {
            throw ValidationError("--trigger must be a lower-case name such as cron or manual (found '\(trigger)')")
        }
    }

    /// The job's settings file, and whether it must exist: one that was named must.
    package func jobFile(of job: String, beside sharedFile: String) -> (path: String, isRequired: Bool) {
        if let jobConfig { return (jobConfig, true) }
        guard let slash = sharedFile.lastIndex(of: "/") else { return ("jobs/\(job).yaml", false) }
        return ("\(sharedFile[...slash])jobs/\(job).yaml", false)
    }
}
