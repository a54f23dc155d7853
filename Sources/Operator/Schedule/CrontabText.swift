import CygniModel

/// The schedules as a file for cron(8).
enum CrontabText {
    /// - Throws: ``ScheduleError`` when jobs are in different zones: cron knows the machine's alone.
    static func render(_ jobs: [ScheduledJob], on target: ScheduleTarget) throws(ScheduleError) -> String {
        let zones = Set(jobs.map(\.zone)).sorted()
        guard zones.count <= 1 else {
            throw ScheduleError(
                "cron reads all schedules in the machine's time zone, and these are in \(zones.joined(separator: ", ")): "
                    + "give the jobs one timezone, or use --format systemd"
            )
        }
        let lines = jobs.map { job in
            "\(job.schedule.text) \(job.words.joined(separator: " ")) --trigger cron >>/var/log/cygni/\(job.name).log 2>&1"
        }
        return """
            # Written by `cygni schedule render --format crontab` from jobs/*.yaml. Install it with `crontab FILE` for the user that runs
            # the jobs, or as /etc/cron.d/cygni with that user's name after the five fields. Many hosts may share these lines: a
            # job that runs elsewhere ends with status 75 and changes nothing.
            # The machine's time zone must be \(zones.first ?? "UTC"): cron knows no other.
            PATH=\(target.bin):/usr/local/bin:/usr/bin:/bin
            CYGNI_CONFIG=\(target.installedConfig)
            MAILTO=root

            # Logs go to a file, so that cron mails only what went wrong before a job could log.
            \(lines.joined(separator: "\n"))

            """
    }
}

/// Schedules that cannot be written as asked.
struct ScheduleError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
