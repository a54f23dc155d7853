import ArgumentParser

/// `cygni domain`.
struct DomainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "domain",
        abstract: "Custom domains: how they stand and what their tenants should change.",
        subcommands: [DomainListCommand.self]
    )
}
