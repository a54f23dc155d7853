import ArgumentParser
import CygniCommand
import CygniJobs
import CygniModel

/// `cygni-migrate down N`
struct DownCommand: MigrateAction {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Revert the last files that were applied, newest first.",
        discussion: "Data that only the reverted files' tables hold is lost."
    )

    @Argument(help: "How many files to revert.")
    var count: Int

    @OptionGroup var common: MigrateOptions
    @OptionGroup var patience: PatienceOptions

    func validate() throws {
        guard count > 0 else { throw ValidationError("the number of files to revert must be 1 or more") }
    }

    func perform(_ scene: MigrateScene) async throws -> ExitStatus {
        var target = try MigrateTarget(common, scene.surroundings)
        patience.apply(to: &target)
        let migrator = try scene.migrator(target, isReadOnly: common.job.dryRun)
        let wanted = common.job.limit == 0 ? count : min(count, common.job.limit)
        return try await scene.supervise(target) {
            if common.job.dryRun {
                let plan = try await migrator.inspect().plan
                guard plan.drifts.isEmpty else { throw DriftError(drifts: plan.drifts) }
                let files = try plan.reverting(wanted)
                for file in files {
                    scene.book.add(file.name, "revert", .planned)
                    scene.text.line("would revert", .yellow, file.name)
                }
                scene.text.say("dry run: \(counted(files.count, "file")) to revert, nothing was changed")
                return .success
            }
            let reverted = try await migrator.down(wanted)
            scene.book.count("reverted", reverted.count)
            scene.text.say(reverted.isEmpty ? "nothing to revert" : "\(counted(reverted.count, "file")) reverted")
            return .success
        }
    }
}
