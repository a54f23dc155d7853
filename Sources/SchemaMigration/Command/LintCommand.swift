import ArgumentParser
import CygniCommand
import CygniLog
import CygniModel

/// `cygni-migrate lint`
struct LintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Find what would stop or break a running service in migrations; needs no database.",
        discussion: """
            Examples:
              cygni-migrate lint --dir db/migrations
                  every file of a folder
              cygni-migrate lint db/migrations/0042_add_domains.sql --output github
                  one file, as annotations of a pull request
              cygni-migrate lint --rules
                  every rule

            A comment on a line before a statement, or in the header for the whole file, lets a finding pass:
              -- lint:ignore drop-column: no release names it since 2.4

            Exit status: 0 nothing found, 3 findings, 64 wrong usage, 78 a file that is no migration.
            """
    )

    @Argument(help: ArgumentHelp("Migrations, NNNN_name.sql (default: the platform's).", valueName: "file"))
    var files: [String] = []

    @Option(help: ArgumentHelp("A folder of migrations.", valueName: "folder"))
    var dir: String?

    @Option(help: "How findings on stdout look.")
    var output = LintReport.Format.text

    @Flag(help: "Print every rule and do nothing else.")
    var rules = false

    func run() throws {
        let surroundings = Surroundings.current()
        guard !rules else {
            surroundings.standardOutput.write(line: LintRule.table)
            return
        }
        let migrations: [MigrationFile]
        do {
            migrations = try LintSources(folder: dir, files: files).load()
        } catch {
            for fault in error.faults { surroundings.standardError.write(line: "cygni-migrate: \(fault)") }
            throw ExitCode(ExitStatus.configuration.code)
        }
        let report = LintReport(findings: Linter.findings(in: migrations), files: migrations.count)
        let text = report.text(as: output)
        if !text.isEmpty { surroundings.standardOutput.write(line: text) }
        if !report.findings.isEmpty { throw ExitCode(ExitStatus.pending.code) }
    }
}

extension LintReport.Format: ExpressibleByArgument {}
