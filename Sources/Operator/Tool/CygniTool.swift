package import ArgumentParser
import CygniCommand

/// The command line of `cygni`.
package struct CygniTool: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "cygni",
        abstract:
            "The operator's tool: runs of jobs and why one is missing, archives, retention, domains, previews, schedules, settings, imports, the audit log, keys for the API.",
        discussion: """
            EXAMPLES
              cygni import metrics cpu.csv --tenant acme --project shop --create
              cygni import logs /var/log/dpkg.log --tenant acme --project shop
              cygni sample summary
              cygni config check
              cygni schedule list
              cygni runs
              cygni why metrics-rollup
              cygni archive search 59a0b609 --from 2026-11-01
              cygni retention explain log_lines
              cygni domain list --wrong
              cygni preview list --ending
              cygni reclaim --dry-run
              cygni token create --tenant acme --role viewer --name ci

            EXIT STATUS
              0 done or nothing to do  1 failed  2 partly done  3 a check found work
              64 wrong usage  69 database out of reach  75 not now  78 wrong settings
            """,
        version: "cygni \(CygniVersion.text)",
        subcommands: [
            RunsCommand.self, WhyCommand.self, RunCommand.self, CycleCommand.self, PauseCommand.self,
            ResumeCommand.self,
            ArchiveCommand.self, ImportCommand.self, SampleCommand.self, ConfigCommand.self, ScheduleCommand.self,
            AuditCommand.self, RetentionCommand.self, DomainCommand.self, PreviewCommand.self,
            JobProgram<ReclaimCommand>.self, TokenCommand.self,
        ]
    )

    package init() {}
}
