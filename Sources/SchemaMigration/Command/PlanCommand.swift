import ArgumentParser
import CygniCommand
import CygniJobs
import CygniModel

/// `cygni-migrate plan`
struct PlanCommand: MigrateAction {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what 'up' would run; with --rehearse, what it would lock, for how long, and who would wait.",
        discussion: """
            A rehearsal applies the pending files to a clone of the schema in a throw-away database, and reads after each \
            statement which locks it took. The clone has no rows: to the time measured there it adds an estimate, 200 MB a \
            second where a statement reads a table of yours and 40 MB a second where it writes one anew. Your own database \
            is only read. pg_dump and the right to create databases are needed.

            Examples:
              cygni-migrate plan
                  the pending files and their statements
              cygni-migrate plan --rehearse --max-lock 'ACCESS EXCLUSIVE=200ms'
                  in CI: end with 3 when a table would be out of reach for longer
            """
    )

    @OptionGroup var common: MigrateOptions

    @Flag(help: "Apply the pending files to a throw-away clone of the schema.")
    var rehearse = false

    @Option(
        help: ArgumentHelp(
            "With --rehearse: end with 3 when a lock of this mode, or a stronger one without a limit of its own, would be "
                + "held for longer. May be given several times.",
            valueName: "mode=duration"
        )
    )
    var maxLock: [LockBudget] = []

    @OptionGroup var scratch: ScratchOptions

    func validate() throws {
        guard maxLock.isEmpty || rehearse else { throw ValidationError("--max-lock needs --rehearse") }
        guard scratch.scratchURL == nil || rehearse else { throw ValidationError("--scratch-url needs --rehearse") }
    }

    func perform(_ scene: MigrateScene) async throws -> ExitStatus {
        let target = try MigrateTarget(common, scene.surroundings).thatOnlyLooks()
        let migrator = try scene.migrator(target, isReadOnly: true)
        return try await scene.supervise(target) {
            guard rehearse else { return try await list(migrator, scene) }
            let files = try await migrator.rehearse(scratch: scratch.connection(target))
            let text = RehearsalText(scene: scene, budgets: maxLock)
            let excesses = files.map(text.show).reduce(0, +)
            scene.book.count("files", files.count)
            scene.book.count("statements", files.map(\.statements.count).reduce(0, +))
            scene.book.count("over_budget", excesses)
            let verdict = excesses == 0 ? "" : ", \(counted(excesses, "lock")) over budget"
            scene.text.say(
                files.isEmpty
                    ? "nothing is pending" : "\(counted(files.count, "file")) rehearsed\(verdict); nothing was changed"
            )
            return excesses == 0 ? .success : .pending
        }
    }

    private func list(_ migrator: Migrator, _ scene: MigrateScene) async throws -> ExitStatus {
        let plan = try await migrator.inspect().plan
        guard plan.drifts.isEmpty else { throw DriftError(drifts: plan.drifts) }
        for file in plan.pending {
            let how = file.up.isTransactional ? "in one transaction" : "each statement by itself"
            let remark = "\(counted(file.up.statements.count, "statement")), \(how)"
            scene.book.add(file.name, "apply", .pending, reason: remark)
            scene.text.line("pending", .yellow, file.name, remark)
            for statement in file.up.statements { scene.text.say("    :\(statement.line)  \(statement.summary)") }
        }
        scene.book.count("pending", plan.pending.count)
        scene.text.say(plan.pending.isEmpty ? "nothing is pending" : "\(counted(plan.pending.count, "file")) pending")
        return .success
    }
}

extension LockBudget: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}
