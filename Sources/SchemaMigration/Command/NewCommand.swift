import ArgumentParser
import CygniCommand
import CygniJobs
import CygniLog
import CygniModel
import Glibc

/// `cygni-migrate new NAME`
struct NewCommand: MigrateAction {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Begin a migration: a file with both markers and the next version; needs no database."
    )

    @Argument(help: "What it is about, as in add_domains.")
    var name: String

    @OptionGroup var common: MigrateOptions

    func validate() throws {
        guard common.dir != nil else { throw ValidationError("a new file needs a folder: give one with --dir") }
    }

    func perform(_ scene: MigrateScene) async throws -> ExitStatus {
        let folder = MigrationFolder(common.dir ?? "")
        let existing = access(folder.path, F_OK) == 0 ? try folder.names() : []
        guard let migration = NewMigration(name, existing: existing, now: .wallClock()) else {
            throw JobFailure(
                "the name '\(name)' has no ASCII letter or digit: give one like add_domains",
                status: .usage
            )
        }
        if common.job.dryRun {
            scene.book.add(migration.fileName, "create", .planned)
            scene.text.say("dry run: would write \(folder.path)/\(migration.fileName)")
        } else {
            let file = try folder.write(migration)
            scene.book.add(migration.fileName, "create", .done)
            scene.text.say(file)
        }
        return .success
    }
}
