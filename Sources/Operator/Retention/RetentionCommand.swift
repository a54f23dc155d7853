import ArgumentParser

/// `cygni retention`.
struct RetentionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention",
        abstract: "Tell when data goes and why, hold it, put it back, prove what went, and erase a tenant.",
        subcommands: [
            RetentionExplainCommand.self, RetentionUndoCommand.self, HoldCommand.self, RetentionEvidenceCommand.self,
            EraseTenantCommand.self,
        ]
    )
}
