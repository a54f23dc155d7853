import ArgumentParser
import CygniCommand
import CygniJobs
import CygniModel

/// `cygni-migrate up`
struct UpCommand: MigrateAction {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Apply what is pending, each file in a transaction of its own."
    )

    @OptionGroup var common: MigrateOptions
    @OptionGroup var patience: PatienceOptions

    @Flag(help: "Apply files that come before one that is applied, instead of refusing them.")
    var allowOutOfOrder = false

    func perform(_ scene: MigrateScene) async throws -> ExitStatus {
        var target = try MigrateTarget(common, scene.surroundings)
        patience.apply(to: &target)
        var migrator = try scene.migrator(target, isReadOnly: common.job.dryRun)
        migrator.allowsOutOfOrder = allowOutOfOrder
        return try await scene.supervise(target) { [migrator] in
            try await common.job.dryRun ? dryRun(migrator, scene) : apply(migrator, scene)
        }
    }

    private func dryRun(_ migrator: Migrator, _ scene: MigrateScene) async throws -> ExitStatus {
        let plan = try await migrator.inspect().plan
        guard plan.drifts.isEmpty else { throw DriftError(drifts: plan.drifts) }
        let pending = common.job.limit == 0 ? plan.pending : Array(plan.pending.prefix(common.job.limit))
        for file in pending {
            let remark = file.up.isTransactional ? "" : "without a transaction"
            scene.book.add(file.name, "apply", .planned, reason: remark.isEmpty ? nil : remark)
            scene.text.line("would apply", .yellow, file.name, remark)
        }
        scene.book.count("pending", plan.pending.count)
        scene.text.say("dry run: \(counted(pending.count, "file")) to apply, nothing was changed")
        return .success
    }

    private func apply(_ migrator: Migrator, _ scene: MigrateScene) async throws -> ExitStatus {
        let start = ContinuousClock.now
        do {
            let applied = try await migrator.up()
            scene.book.count("applied", applied.count)
            scene.book.count("files", migrator.set.files.count)
            let took = (ContinuousClock.now - start).brief
            scene.text.say(
                applied.isEmpty
                    ? "nothing to do: \(counted(migrator.set.files.count, "file")), all applied"
                    : "\(counted(applied.count, "file")) applied in \(took)"
            )
            return .success
        } catch {
            scene.book.count("applied", scene.book.all.items.count)
            throw error
        }
    }
}
