import CygniDNS
import CygniModel

/// dns-01 answered by a name server that takes updates (RFC 2136).
final class DNSUpdates: ChallengeResponder {
    private let client: UpdateClient
    private let ttl: Int
    private let resolver: Resolver?
    private let time: RunTime
    let settle: Duration

    init(_ settings: DNSChallengeSection, _ client: UpdateClient, _ resolver: Resolver?, _ time: RunTime) {
        (self.client, self.time) = (client, time)
        ttl = settings.ttl
        settle = settings.settle
        self.resolver = settings.followsAliases ? resolver : nil
    }

    func present(_ task: ChallengeTask) async throws {
        let (ttl, value) = (ttl, task.dnsValue)
        try await change(task) { .addText($0, value, ttl: ttl) }
    }

    func withdraw(_ task: ChallengeTask) async throws {
        let value = task.dnsValue
        try await change(task) { .removeText($0, value) }
    }

    private func change(_ task: ChallengeTask, _ change: (DomainName) -> DNSUpdate.Change) async throws {
        let target = try await DNSAlias.place(task.name, resolver).target
        let reply: UpdateReply
        do {
            reply = try await client.send(DNSUpdate(changes: [change(target)]), for: target, at: time())
        } catch let fault as UpdateFault {
            throw ChallengeFault(fault.description)
        }
        guard reply.isDone else {
            throw ChallengeFault(
                "the name server \(client.server) refused to change \(target) in \(reply.zone): \(reply.words)"
            )
        }
    }
}
