package import ArgumentParser
import CygniCommand
import CygniJobs
import CygniModel
import Glibc

/// The command line of `cygni-migrate`.
package struct CygniMigrate: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "cygni-migrate",
        abstract: "Brings a database's schema up to date, from the platform's own migrations or from yours.",
        discussion: """
            Examples:
              cygni-migrate up
                  apply what the platform's database lacks
              cygni-migrate status --check
                  in CI: end with 3 when something is pending or was changed
              cygni-migrate up --dir db/migrations --database-url postgresql:///shop
                  your own files, on any database
              cygni-migrate new add_domains --dir db/migrations
                  begin a file
              cygni-migrate lint --dir db/migrations
                  in CI: end with 3 when a file would stop or break a running service

            Exit status: 0 done or nothing to do, 1 failed, 3 pending or drift found by a check, 64 wrong usage, \
            69 database unreachable, 75 another migration runs, 78 wrong configuration, 124 deadline passed, \
            128+n stopped by signal n.
            """,
        version: "cygni-migrate \(CygniVersion.text)",
        subcommands: [
            UpCommand.self, PlanCommand.self, StatusCommand.self, VerifyCommand.self, LintCommand.self,
            DownCommand.self, DumpCommand.self, RepairCommand.self, BaselineCommand.self, NewCommand.self,
        ]
    )

    package init() {}

    /// The entry point of the executable: parses, runs, reports, exits.
    package static func start() async -> Never {
        let control = RunControl()
        // First of all: a signal that comes while files are read must stop the run that follows.
        let signals = SignalListener(control)
        let program = MigrateProgram(surroundings: .current(), control: control)
        do {
            var command = try parseAsRoot()
            guard let action = command as? any MigrateAction else {
                try command.run()
                Glibc.exit(0)
            }
            let status = await program.run(action)
            withExtendedLifetime(signals) {}
            Glibc.exit(status.code)
        } catch {
            // Help and version go to stdout with 0; wrong usage to stderr with 64.
            exit(withError: error)
        }
    }
}
