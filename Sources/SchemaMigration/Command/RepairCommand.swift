import ArgumentParser
import CygniCommand
import CygniJobs
import CygniModel

/// `cygni-migrate repair [VERSION]`
struct RepairCommand: MigrateAction {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Set the ledger right after a run that ended half-way, or a file that was edited or lost.",
        discussion: """
            Without a version, every file that was left half-way is looked at: what became of the statement that was under \
            way is found out, and an index that was left invalid is dropped, so that 'up' builds it anew. Runs no migration.

            Examples:
              cygni-migrate repair --dry-run
                  tell what stands half-way
              cygni-migrate repair
                  settle what can be found out; ends with 3 when something needs a person
              cygni-migrate repair 7 --statement-done
                  the statement in doubt took effect
              cygni-migrate repair 7 --accept-edit --dir db/migrations
                  the database has what the edited file says
            """
    )

    @Argument(help: "The version of one migration, as in 7 or 0007.")
    var version: MigrationVersion?

    @Flag(help: "Of the version: the statement in doubt took effect (or did not; or the edit stands; or forget it).")
    var choice: RepairChoice?

    @OptionGroup var common: MigrateOptions
    @OptionGroup var patience: PatienceOptions

    func validate() throws {
        guard (version == nil) == (choice == nil) else {
            let flags = RepairChoice.allCases.map { "--\($0.rawValue)" }.joined(separator: ", ")
            throw ValidationError(
                version == nil ? "say which version is meant" : "say what holds of the version: one of \(flags)"
            )
        }
    }

    func perform(_ scene: MigrateScene) async throws -> ExitStatus {
        var target = try MigrateTarget(common, scene.surroundings)
        patience.apply(to: &target)
        let migrator = try scene.migrator(target, isReadOnly: common.job.dryRun)
        return try await scene.supervise(target) {
            let outcomes =
                if common.job.dryRun {
                    try await migrator.halfWay().map {
                        RepairOutcome(file: $0.file.name, kind: .undecided, words: $0.words)
                    }
                } else if let version, let choice {
                    [try await migrator.repair(version, choice)]
                } else {
                    try await migrator.repair()
                }
            show(outcomes, scene)
            let isOpen = outcomes.contains { $0.kind == .undecided }
            return isOpen && !common.job.dryRun ? .pending : .success
        }
    }

    private func show(_ outcomes: [RepairOutcome], _ scene: MigrateScene) {
        for outcome in outcomes {
            let isSettled = outcome.kind == .settled
            let lines = outcome.words.split(separator: "\n").map(String.init)
            let result: ItemOutcome.Result = isSettled ? .done : common.job.dryRun ? .planned : .pending
            scene.book.add(outcome.file, "repair", result, reason: lines.first)
            scene.text.line(
                isSettled ? "settled" : "half-way",
                isSettled ? .green : .yellow,
                outcome.file,
                lines.first ?? ""
            )
            for line in lines.dropFirst() { scene.text.say("    \(line)") }
        }
        scene.book.count("half_way", outcomes.count)
        if outcomes.isEmpty { scene.text.say("nothing stands half-way") }
        if common.job.dryRun { scene.text.say("dry run: nothing was changed") }
    }
}

extension RepairChoice: EnumerableFlag {}

extension MigrationVersion: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}
