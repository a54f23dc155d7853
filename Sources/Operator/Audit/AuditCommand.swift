import ArgumentParser

/// `cygni audit`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Verify the audit log.",
        subcommands: [AuditVerifyCommand.self]
    )
}
