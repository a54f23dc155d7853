import CygniJobs
import CygniDNS
import CygniModel

/// dns-01 answered by a command of the operator's.
struct DNSHook: ChallengeResponder {
    private let program: Program
    private let resolver: Resolver?
    let settle: Duration

    init(_ settings: DNSChallengeSection, _ resolver: Resolver?) {
        program = Program(words: settings.hook, timeout: settings.hookTimeout)
        self.resolver = settings.followsAliases ? resolver : nil
        settle = settings.settle
    }

    func present(_ task: ChallengeTask) async throws { try await call("present", task) }
    func withdraw(_ task: ChallengeTask) async throws { try await call("cleanup", task) }

    private func call(_ action: String, _ task: ChallengeTask) async throws {
        let place = try await DNSAlias.place(task.name, resolver)
        let message = JSONValue.object([
            ("action", .string(action)), ("name", .string("\(place.name)")), ("record", .string("\(place.target)")),
            ("value", .string(task.dnsValue)),
        ])
        try await program.run(input: message.text + "\n")
    }
}
