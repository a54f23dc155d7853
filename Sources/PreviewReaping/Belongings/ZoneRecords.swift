import CygniDNS
import CygniModel

/// DNS records in a zone that takes updates (RFC 2136).
///
/// Whose a name is stands in a TXT record below it, `_cygni.NAME`; the server itself compares it in the same update that deletes.
struct ZoneRecords: BelongingKeeper {
    let client: UpdateClient
    let platform: String
    let now: @Sendable () -> Timestamp

    func delete(_ belonging: Belonging, of preview: Preview) async throws {
        let (name, mark) = try names(belonging)
        let update = DNSUpdate(
            prerequisites: [.onlyText(mark, OwnerMark(platform: platform, preview: preview).text)],
            changes: [.removeAll(name), .removeAll(mark)]
        )
        let reply = try await send(update, for: name, belonging)
        if reply.isDone { return }
        guard reply.isMissing else {
            throw TeardownFault("the name server \(client.server) refused to delete \(belonging.words): \(reply.words)")
        }
        // Without the mark it is gone, or somebody else's.
        guard try await isUnused(belonging) else {
            throw TeardownFault(
                "the TXT record at \(mark) does not name this deployment: \(belonging.words) was left alone"
            )
        }
    }

    func probe(_ belonging: Belonging, of preview: Preview) async throws {
        guard try await isUnused(belonging) else { throw TeardownFault("\(belonging.words) is still there") }
    }

    /// Whether neither the name nor its mark owns a record. A wildcard's answer is not its own, so no question would tell.
    private func isUnused(_ belonging: Belonging) async throws -> Bool {
        let (name, mark) = try names(belonging)
        let reply = try await send(
            DNSUpdate(prerequisites: [.unused(name), .unused(mark)]),
            for: name,
            belonging
        )
        guard reply.isDone || reply.isInUse else {
            throw TeardownFault("the name server \(client.server) does not tell of \(belonging.words): \(reply.words)")
        }
        return reply.isDone
    }

    private func send(_ update: DNSUpdate, for name: DomainName, _ belonging: Belonging) async throws -> UpdateReply {
        do {
            return try await client.send(update, for: name, at: now())
        } catch let fault as UpdateFault {
            throw TeardownFault("\(belonging.words): \(fault)")
        }
    }

    private func names(_ belonging: Belonging) throws -> (name: DomainName, mark: DomainName) {
        guard let name = DomainName(belonging.name), name != .root, let mark = DomainName("_cygni.\(name)") else {
            throw TeardownFault("'\(belonging.name.printable)' is no domain name")
        }
        return (name, mark)
    }
}
