package import ArgumentParser
package import CygniConfig
package import CygniJobs

/// What an executable declares to become a job's command; everything else is common to all of them.
///
/// ```swift
/// @main
/// struct Rollup: JobCommand {
///     static let abstract = "Rolls metrics up."
///     static func makeJob(_ settings: RollupSettings, _ options: RollupOptions) -> MetricsRollupJob { … }
/// }
/// ```
package protocol JobCommand: Sendable {
    associatedtype Work: Job
    /// The job's own keys of its settings file.
    associatedtype Settings: ConfigSection
    /// The job's own flags, beside those that every job has.
    associatedtype Options: ParsableArguments

    /// How it is started: its executable, or a subcommand of another.
    static var words: [String] { get }
    /// One sentence: what the job does.
    static var abstract: String { get }
    /// Command lines worth knowing, each with what it does.
    static var examples: [(line: String, effect: String)] { get }

    /// Whether the job's own options ask for a plan only, as `--dry-run` does.
    static func isDryRun(_ options: Options) -> Bool

    /// - Throws: `ValidationError` for options that do not go together (exit status 64), `JobFailure` for others.
    static func makeJob(_ settings: Settings, _ options: Options) throws -> Work

    /// The same for a job that needs what all jobs share, the object store for instance. This is the one that is called.
    static func makeJob(_ settings: Settings, _ shared: SharedSettings, _ options: Options) throws -> Work
}

extension JobCommand {
    package static var words: [String] { ["cygni-\(Work.name)"] }

    package static var examples: [(line: String, effect: String)] { [] }

    package static func isDryRun(_ options: Options) -> Bool { false }

    package static func makeJob(_ settings: Settings, _ options: Options) throws -> Work {
        throw JobFailure("this job is made with the shared settings")
    }

    package static func makeJob(_ settings: Settings, _ shared: SharedSettings, _ options: Options) throws -> Work {
        try makeJob(settings, options)
    }

    /// The entry point of the executable: parses, loads, runs, reports, exits.
    package static func main() async {
        await JobProgram<Self>.start()
    }
}

/// For a job without flags of its own.
package struct NoOptions: ParsableArguments {
    package init() {}
}
