import ArgumentParser
import CygniCommand
import CygniConfig
import LogArchive

@main
struct Main: JobCommand {
    static let abstract = "Archives closed days of log lines and rotated log files, each copy proven."
    static let examples: [(line: String, effect: String)] = [
        ("cygni-log-archive", "archive what is closed and has no archive yet"),
        ("cygni-log-archive --limit 3", "at most three days, files or parts of days"),
        ("cygni archive get --tenant acme --from 2026-11-01T06:00Z --to 2026-11-01T07:00Z", "read an hour back"),
    ]

    static func makeJob(_ settings: ArchiveSettings, _ shared: SharedSettings, _ options: NoOptions) throws
        -> LogArchiveJob
    {
        try LogArchiveJob(settings: settings, objectStore: shared.objectStore)
    }
}
