import ArgumentParser

/// `cygni config`.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Check, explain and print the settings.",
        subcommands: [
            ConfigCheckCommand.self, ConfigExplainCommand.self, ConfigPrintCommand.self, ConfigSchemaCommand.self,
        ]
    )
}
