import ArgumentParser
import CygniCommand
import CygniJobs
import CygniModel

/// `cygni-migrate baseline VERSION`
struct BaselineCommand: MigrateAction {
    static let configuration = CommandConfiguration(
        commandName: "baseline",
        abstract: "Note the files up to a version as applied without running them.",
        discussion: """
            For a database that has the schema already, made by hand or by another tool. From there on 'up' applies what \
            comes after. 'verify --drift' tells whether the database is what the files would have made.

            Examples:
              cygni-migrate baseline 20261101120000 --dir db/migrations --dry-run
                  which files that would be
              cygni-migrate baseline 12 --dir db/migrations
                  note 1 to 12
            """
    )

    @Argument(help: "The last version that the database has, as in 12 or 0012.")
    var version: MigrationVersion

    @OptionGroup var common: MigrateOptions
    @OptionGroup var patience: PatienceOptions

    func validate() throws {
        guard common.dir != nil else { throw ValidationError("a baseline is of your own files: name them with --dir") }
    }

    func perform(_ scene: MigrateScene) async throws -> ExitStatus {
        var target = try MigrateTarget(common, scene.surroundings)
        patience.apply(to: &target)
        let migrator = try scene.migrator(target, isReadOnly: common.job.dryRun)
        return try await scene.supervise(target) {
            let isDry = common.job.dryRun
            let files = try await isDry ? migrator.baselinePlan(version) : migrator.baseline(version)
            for file in files {
                scene.book.add(file.name, "note", isDry ? .planned : .done)
                scene.text.line(isDry ? "would note" : "noted", isDry ? .yellow : .green, file.name)
            }
            scene.book.count("noted", isDry ? 0 : files.count)
            let what = "\(counted(files.count, "file")) \(isDry ? "to note" : "noted as applied")"
            scene.text.say(files.isEmpty ? "nothing to note: the ledger has them all" : "\(what), none was run")
            return .success
        }
    }
}
