import ArgumentParser
import CygniCommand
import CygniConfig
import RetentionPurge

@main
struct Main: JobCommand {
    static let abstract = "Lets data go when policy says so, nothing holds it, and its copies are proven."
    static let examples: [(line: String, effect: String)] = [
        ("cygni-retention-purge --dry-run", "what would go, what stays, and why"),
        ("cygni-retention-purge --approve 3f1c...", "carry out a plan that the brake stopped, by the hash it printed"),
        (
            "cygni retention undo log_lines_p20261101_default",
            "put back what was taken out, until its time in quarantine ends"
        ),
    ]

    struct Options: ParsableArguments {
        @Option(help: ArgumentHelp("The hash of a plan that the brake stopped and that is meant.", valueName: "hash"))
        var approve: String?
    }

    static func makeJob(_ settings: RetentionSettings, _ shared: SharedSettings, _ options: Options) throws
        -> RetentionPurgeJob
    {
        try RetentionPurgeJob(settings: settings, objectStore: shared.objectStore, approval: options.approve)
    }
}
