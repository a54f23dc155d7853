import ArgumentParser
import CygniCommand

/// The flags of every subcommand: those of every job, and which migrations for which database.
struct MigrateOptions: ParsableArguments {
    @OptionGroup var job: JobOptions

    @Option(
        help: ArgumentHelp(
            "Your own migrations, NNNN_name.sql, for any database (default: the platform's, which are built in).",
            valueName: "folder"
        )
    )
    var dir: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "The name the ledger keeps a folder's files under, when one database has several folders.",
            valueName: "name"
        )
    )
    var setName: String?

    @Option(
        help: ArgumentHelp(
            "The database, instead of the shared settings' (default: those; without --config and $CYGNI_CONFIG, "
                + "$DATABASE_URL; without settings at all, libpq's PGHOST, PGDATABASE, PGSERVICE …).",
            valueName: "url"
        )
    )
    var databaseURL: String?

    init() {}

    func validate() throws {
        guard let setName else { return }
        guard dir != nil else { throw ValidationError("--set names the set of a folder: give the folder with --dir") }
        guard setName != MigrationSet.platformName, setName.wholeMatch(of: /[a-z][a-z0-9_-]{0,62}/) != nil else {
            throw ValidationError("--set must be a lower-case name other than 'platform' (found '\(setName)')")
        }
    }

    /// Parses all files of the set.
    func load() throws(MigrationFileErrors) -> MigrationSet {
        guard let dir else { return try PlatformMigrations.load() }
        return try MigrationFolder(dir).load(set: setName ?? "default")
    }
}
