import ArgumentParser
import CygniCommand
import CygniConfig
import EngineReclaim

/// `cygni reclaim`.
struct ReclaimCommand: JobCommand {
    static let abstract = "Delete what nothing needs any more in container engines, and measure the room it gives back."
    static let words = ["cygni", "reclaim"]
    static let examples: [(line: String, effect: String)] = [
        ("cygni reclaim --approve 3f1c...", "carry out a plan that the brake stopped, by the hash it printed")
    ]

    struct Options: ParsableArguments {
        @Option(help: ArgumentHelp("The hash of a plan that the brake stopped and that is meant.", valueName: "hash"))
        var approve: String?
    }

    static func makeJob(_ settings: ReclaimSettings, _ shared: SharedSettings, _ options: Options) -> ReclaimJob {
        ReclaimJob(settings: settings, shared: shared, approval: options.approve)
    }
}
