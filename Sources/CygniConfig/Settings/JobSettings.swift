package import CygniModel

/// The keys that every job's file has.
package struct JobSettings: ConfigSection {
    /// Nil for a job that only people and CI start.
    package let schedule: CronSchedule?
    package let timezone: String
    package let timeout: Duration
    package let retries: Int
    package let jitter: Duration
    package let grace: Duration
    package let lockWait: Duration
    package let startGrace: Duration
    /// nil: jitter and timeout together.
    package let runGrace: Duration?
    package let catchUp: CatchUp
    package let after: [String]

    package init(reading reader: inout ConfigReader) {
        schedule = reader.optional(
            "schedule",
            .cron,
            """
            When the job is due: minute, hour, day of month, month, day of week. Left out for a job that only people \
            and CI start.
            """,
            example: "\"17 3 * * *\""
        )
        timezone = reader.value(
            "timezone",
            .timeZone,
            default: "UTC",
            "The time zone that the schedule is read in.",
            example: "Europe/Berlin"
        )
        timeout = reader.value(
            "timeout",
            .duration(.seconds(1) ... .days(30)),
            default: .hours(1),
            "How long a run may take; after it the run is stopped and ends with status 124."
        )
        retries = reader.value(
            "retries",
            .integer(0...20),
            default: 3,
            "How often a run tries again, with growing pauses, after a fault that may pass by itself."
        )
        jitter = reader.value(
            "jitter",
            .duration(.zero ... .hours(6)),
            default: .zero,
            """
            A run started by the schedule waits for a part of this, on each host another one but always the same, so that \
            hosts do not all start at once.
            """
        )
        grace = reader.value(
            "grace",
            .duration(.seconds(1) ... .hours(1)),
            default: .seconds(30),
            "How long a run may go on after SIGTERM, to finish the item in hand and close its books."
        )
        lockWait = reader.value(
            "lock_wait",
            .duration(.zero ... .days(1)),
            default: .zero,
            "How long to wait while the same job runs elsewhere; 0s: not at all, the run ends with status 75."
        )
        startGrace = reader.value(
            "start_grace",
            .duration(.zero ... .days(7)),
            default: .minutes(5),
            "How long after its slot and its jitter a run may start before it counts as never started."
        )
        runGrace = reader.optional(
            "run_grace",
            .duration(.seconds(1) ... .days(30)),
            "How long after its slot a run should have ended; left out: jitter and timeout together.",
            example: "20m"
        )
        catchUp = reader.value(
            "catch_up",
            .oneOf(CatchUp.self),
            default: .latest,
            """
            Which slots that nothing started `cygni cycle` runs late: none, the latest one, or all of them, oldest first, a \
            hundred at most.
            """
        )
        after = reader.value(
            "after",
            .list(of: .text, count: 0...50),
            default: [],
            "Jobs whose last run must have ended well before this one's slot is run; else that ends with status 75.",
            example: "[metrics-rollup]"
        )
    }
}

/// A job's file: the common keys and the job's own, side by side in one mapping.
package struct JobFile<Own: ConfigSection>: ConfigSection {
    package let common: JobSettings
    package let own: Own

    package init(reading reader: inout ConfigReader) {
        common = JobSettings(reading: &reader)
        own = Own(reading: &reader)
    }
}
