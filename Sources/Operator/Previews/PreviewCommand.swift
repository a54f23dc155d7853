import ArgumentParser

/// `cygni preview`.
struct PreviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "Previews: which are on their way out, by which rule; and back again.",
        subcommands: [PreviewListCommand.self, PreviewRestoreCommand.self]
    )
}
