import ArgumentParser
import CygniCommand
import CygniJobs
import MetricsRollup

@main
struct Main: JobCommand {
    static let abstract = "Rolls raw metric samples up into minutes, hours and days."
    static let examples: [(line: String, effect: String)] = [
        ("cygni-metrics-rollup", "roll up what came in since the last run"),
        ("cygni-metrics-rollup --explain", "say what is dirty, why, and what it would cost"),
        ("cygni-metrics-rollup --rebuild 2026-11-01..2026-11-03", "compute days again from raw samples"),
        ("cygni-metrics-rollup --limit 24", "at most 24 hours or past days; their views, seals and merges come on top"),
    ]

    struct Options: ParsableArguments {
        @Option(help: ArgumentHelp("Compute these days again from raw samples.", valueName: "from..to"))
        var rebuild: String?

        @Flag(help: "Like --dry-run, and tell how the relations stand.")
        var explain = false
    }

    static func isDryRun(_ options: Options) -> Bool { options.explain }

    static func makeJob(_ settings: RollupSettings, _ options: Options) throws -> MetricsRollupJob {
        let range = options.rebuild.map(RebuildRange.init(parsing:))
        if let text = options.rebuild, range == .some(nil) {
            throw ValidationError("--rebuild takes one day or FROM..TO, as in 2026-11-01..2026-11-03 (found '\(text)')")
        }
        return MetricsRollupJob(settings: settings, rebuild: range ?? nil, explains: options.explain)
    }
}
