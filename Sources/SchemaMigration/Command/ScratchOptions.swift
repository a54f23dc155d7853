import ArgumentParser
import CygniPostgres

/// Where throw-away databases are made.
struct ScratchOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A database of the server to make the throw-away database on, of the same version (default: the same server).",
            valueName: "url"
        )
    )
    var scratchURL: String?

    init() {}

    /// nil: beside the target.
    func connection(_ target: MigrateTarget) -> ConnectionOptions? {
        scratchURL.map { url in
            var options = target.connection
            (options.url, options.password) = (url, nil)
            return options
        }
    }
}
