import CygniJobs
import CygniModel

/// Tells a command of the operator's, on its standard input: arguments and the environment are for everybody to see, and have
/// an end.
struct CommandDeployer: Deployer {
    private let program: Program
    private let directory: String?

    init?(_ settings: DeploySection) {
        guard !settings.command.isEmpty else { return nil }
        program = Program(words: settings.command, timeout: settings.commandTimeout)
        directory = settings.directory
    }

    func deploy(_ delivery: Delivery) async throws {
        var members: [(name: String, value: JSONValue)] = [
            ("names", .array(delivery.names.map { .string($0) })), ("fingerprint", .string(delivery.fingerprint)),
            ("not_after", .string(delivery.notAfter.rfc3339)), ("certificate", .string(delivery.leaf)),
            ("chain", .string(delivery.intermediates)), ("key", .string(delivery.key.reveal())),
        ]
        if let directory { members.append(("directory", .string("\(directory)/live/\(try delivery.safeName())"))) }
        try await program.run(input: JSONValue.object(members).text + "\n")
    }
}
