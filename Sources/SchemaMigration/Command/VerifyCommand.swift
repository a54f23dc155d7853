import ArgumentParser
import CygniCommand
import CygniJobs
import CygniModel

/// `cygni-migrate verify`
struct VerifyCommand: MigrateAction {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare every applied file with the ledger, and with --drift the database with what the files make.",
        discussion: """
            Ends with 3 when something contradicts. With --drift the applied files are run in a throw-away database, and \
            tables, columns, constraints, indexes, views, functions, triggers, policies, rights and comments are compared. \
            Owners and rows are not. The right to create databases is needed.

            Examples:
              cygni-migrate verify --dir db/migrations
                  was a file edited after it was applied?
              cygni-migrate verify --drift --ignore 'public.events_p*' --dir db/migrations
                  did somebody change the database by hand? Partitions made by a job do not count
            """
    )

    @OptionGroup var common: MigrateOptions

    @Flag(help: "Compare the database with what the applied files make.")
    var drift = false

    @Option(
        help: ArgumentHelp(
            "With --drift: leave out what has such a name, as in 'public.events_p*'. May be given several times.",
            valueName: "pattern"
        )
    )
    var ignore: [String] = []

    @OptionGroup var scratch: ScratchOptions

    func validate() throws {
        guard drift || (ignore.isEmpty && scratch.scratchURL == nil) else {
            throw ValidationError("--ignore and --scratch-url need --drift")
        }
    }

    func perform(_ scene: MigrateScene) async throws -> ExitStatus {
        let target = try MigrateTarget(common, scene.surroundings).thatOnlyLooks()
        let migrator = try scene.migrator(target, isReadOnly: true)
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
            guard plan.drifts.isEmpty else {
                if drift { scene.text.say("the schema is not compared before that is settled") }
                return .pending
            }
            guard drift else { return .success }
            let differences = try await migrator.schemaDrift(
                scratch: scratch.connection(target),
                ignoring: ignore.map(NamePattern.init)
            )
            SchemaDriftText.show(differences, scene)
            return differences.isEmpty ? .success : .pending
        }
    }
}
