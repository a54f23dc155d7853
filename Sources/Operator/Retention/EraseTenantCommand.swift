import ArgumentParser

struct EraseTenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "erase-tenant")
    func run() async throws {}
}
