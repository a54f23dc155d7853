import ArgumentParser
import CygniJobs
import CygniModel

/// `cygni-migrate verify`
struct VerifyCommand: MigrateAction {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare every applied file with the ledger; ends with status 3 when they contradict."
    )

    @OptionGroup var common: MigrateOptions

    func perform(_ scene: MigrateScene) async throws -> ExitStatus {
        let set = try common.load()
        let target = try MigrateTarget(common, scene.surroundings)
        let migrator = scene.migrator(set, target)
        return try await scene.supervise(target) {
            let plan = try await migrator.inspect().plan
            let drifting = Set(plan.drifts.map(\.file))
            let sound = plan.entries.filter { $0.applied != nil && !drifting.contains($0.file.name) }
            for entry in sound { scene.book.add(entry.file.name, "verify", .done) }
            DriftText.show(plan.drifts, scene)
            scene.book.count("verified", sound.count)
            scene.book.count("drifts", plan.drifts.count)
            let rest = plan.drifts.isEmpty ? "" : ", \(plan.drifts.count) in contradiction"
            scene.text.say("\(counted(sound.count, "file")) as applied\(rest)")
            return plan.drifts.isEmpty ? .success : .pending
        }
    }
}
