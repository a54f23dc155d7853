import ArgumentParser
import CygniCommand
import CygniConfig
import PreviewReaping

@main
struct Main: JobCommand {
    static let abstract = "Lets previews go when their end is certain, and proves that nothing of them is left."
    static let examples: [(line: String, effect: String)] = [
        ("cygni-preview-reap --dry-run", "what would go, what stays, and by which rule"),
        ("cygni-preview-reap --approve 3f1c...", "carry out a plan that the brake stopped, by the hash it printed"),
        ("cygni preview restore ID", "keep a preview that is marked to go, while its grace lasts"),
    ]

    struct Options: ParsableArguments {
        @Option(help: ArgumentHelp("The hash of a plan that the brake stopped and that is meant.", valueName: "hash"))
        var approve: String?
    }

    static func makeJob(_ settings: ReapSettings, _ shared: SharedSettings, _ options: Options) throws -> PreviewReapJob
    {
        try PreviewReapJob(
            settings: settings,
            shared: shared,
            environment: Surroundings.current().environment,
            approval: options.approve
        )
    }
}
