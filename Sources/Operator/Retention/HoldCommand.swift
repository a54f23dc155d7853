import ArgumentParser

/// `cygni retention hold`.
struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Keep data that a court, an auditor or a customer may ask for, whatever policies say.",
        subcommands: [HoldAddCommand.self, HoldReleaseCommand.self, HoldListCommand.self]
    )
}
