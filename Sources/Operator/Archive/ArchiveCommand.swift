import ArgumentParser

/// `cygni archive`.
struct ArchiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive",
        abstract: "List archives, read them, restore them, and prove that it works.",
        subcommands: [
            ArchiveListCommand.self, ArchiveGetCommand.self, ArchiveSearchCommand.self, ArchiveRestoreCommand.self,
            ArchiveDrillCommand.self,
        ]
    )
}
