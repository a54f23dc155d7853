import ArgumentParser
import CygniCommand
import CygniJobs
import CygniModel

/// `cygni-migrate dump`
struct DumpCommand: MigrateAction {
    static let configuration = CommandConfiguration(
        commandName: "dump",
        abstract: "Write the schema as SQL in a stable order, for review in pull requests. Needs pg_dump.",
        discussion: """
            Two dumps of equal schemas are equal to the byte, whichever minor version of PostgreSQL made them. The applied \
            files stand at the end.

            Examples:
              cygni-migrate dump --dir db/migrations --to db/schema.sql
                  after 'up', to be committed with the migration
              cygni-migrate dump --dir db/migrations --check db/schema.sql
                  in CI: end with 3 when the committed file is not what the migrations give
            """
    )

    @OptionGroup var common: MigrateOptions

    @Option(help: ArgumentHelp("Write it here instead of to stdout; the file is replaced whole.", valueName: "file"))
    var to: String?

    @Option(help: ArgumentHelp("Write nothing; end with 3 when this file differs.", valueName: "file"))
    var check: String?

    func validate() throws {
        guard to == nil || check == nil else {
            throw ValidationError("--to writes and --check does not: give one of them")
        }
    }

    func perform(_ scene: MigrateScene) async throws -> ExitStatus {
        let target = try MigrateTarget(common, scene.surroundings).thatOnlyLooks()
        let migrator = try scene.migrator(target, isReadOnly: true)
        return try await scene.supervise(target) {
            let applied = try await migrator.inspect().plan.entries.filter { $0.applied != nil }.map(\.file.name)
            let text = try await SchemaDump.text(migrator.options, set: migrator.set.name, applied: applied)
            scene.book.count("lines", text.split(separator: "\n", omittingEmptySubsequences: false).count - 1)
            if let check { return try compare(text, check, scene) }
            if let to {
                if !common.job.dryRun { try AtomicFile.replace(to, with: text) }
                scene.book.add(to, "write", common.job.dryRun ? .planned : .done)
                scene.text.say(common.job.dryRun ? "dry run: would write \(to)" : to)
            } else {
                scene.text.say(String(text.dropLast()))
            }
            return .success
        }
    }

    private func compare(_ text: String, _ file: String, _ scene: MigrateScene) throws -> ExitStatus {
        guard let committed = AtomicFile.read(file) else {
            throw JobFailure("failed to read '\(file)': write it first, with --to '\(file)'")
        }
        let differences = DumpText.differences(from: committed, to: text)
        for line in differences { scene.text.say(line) }
        scene.book.count("differences", differences.count)
        scene.book.add(file, "compare", differences.isEmpty ? .done : .failed, reason: differences.first)
        guard committed != text else { return .success }
        scene.text.say("\(file) is not the schema: bring it up to date with --to '\(file)'")
        return .pending
    }
}
