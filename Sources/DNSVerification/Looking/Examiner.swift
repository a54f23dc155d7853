package import CygniDNS
import CygniModel

/// Asks what a look at a domain has to know.
package struct Examiner: Sendable {
    let resolver: Resolver
    private let memory = SuffixMemory()

    package init(_ resolver: Resolver) { self.resolver = resolver }

    /// - Parameters:
    ///   - wantsTarget: whether it is asked where the name leads.
    ///   - wantsAuthority: whether it is asked who may issue certificates.
    /// - Throws: `CancellationError`.
    package func examine(_ claim: Claim, wantsTarget: Bool = true, wantsAuthority: Bool = true) async throws
        -> Examination
    {
        let base = claim.name.base
        // One whose servers are silent costs one lookup, not six.
        let apex: ZoneFinding.Zone
        switch try await apexZone(of: base) {
        case .unknown(let cause): return .unknown(cause, at: base)
        case .zone(let zone): apex = zone
        }
        var questions = [Message.Question(claim.challenge, .txt), .init(apex.apex, .ns)]
        if wantsTarget { questions += [.init(claim.host, .a), .init(claim.host, .aaaa)] }
        if wantsAuthority { questions.append(.init(base, .caa)) }
        let found = try await resolver.find(questions)
        return Examination(
            challenge: found[0],
            a: wantsTarget ? found[2] : .notAsked,
            aaaa: wantsTarget ? found[3] : .notAsked,
            authority: wantsAuthority ? try await authority(of: base, found[questions.count - 1]) : .none,
            zone: try await servers(of: apex, found[1])
        )
    }

    /// Climbs from the name to the top (RFC 8659, 3).
    private func authority(of name: DomainName, _ first: Finding) async throws -> CAAFinding {
        var (place, finding) = (name, first)
        while true {
            switch finding {
            case .present(let records, _, _):
                let found = records.compactMap { if case .caa(let record) = $0.data { record } else { nil } }
                return .set(CAASet(owner: place, records: found))
            case .absent: place = place.parent ?? .root
            case .unknown(let cause): return .unknown(at: place, cause)
            }
            guard !place.labels.isEmpty else { return .none }
            finding = try await memory.find(place, .caa, resolver)
        }
    }

    /// The zone's apex is whom the absence of an SOA record at the name is told by. An alias tells of another zone; what is above
    /// it is in its own.
    private func apexZone(of name: DomainName) async throws -> ZoneFinding {
        let found = try await resolver.find(name, .soa)
        switch found {
        case .present(_, let aliases, _) where !aliases.isEmpty, .absent(_, let aliases, _, _) where !aliases.isEmpty:
            return try await apexZone(of: name.parent ?? .root)
        case .present(let records, _, _):
            guard let record = records.first, case .authority(let soa) = record.data else {
                return .unknown(.garbled("an SOA record without its data"))
            }
            return .zone(
                .init(apex: record.name, authority: [soa.primary, soa.mailbox], servers: [], isSigned: false)
            )
        case .absent(_, _, let negative?, _):
            return .zone(.init(apex: negative.zone, authority: negative.authority, servers: [], isSigned: false))
        case .absent: return .unknown(.garbled("an absence without its zone"))
        case .unknown(let cause): return .unknown(cause)
        }
    }

    private func servers(of zone: ZoneFinding.Zone, _ found: Finding) async throws -> ZoneFinding {
        var zone = zone
        switch found {
        case .present(let records, _, let security):
            zone.servers = records.compactMap { if case .name(let server) = $0.data { server } else { nil } }
                .sorted { $0.description < $1.description }
            zone.isSigned = security == .secure
        case .absent: return .unknown(.garbled("the zone \(zone.apex) has no name servers"))
        case .unknown(let cause): return .unknown(cause)
        }
        guard zone.isSigned else { return .zone(zone) }
        switch try await resolver.find(zone.apex, .ds) {
        case .present(let records, _, _):
            zone.delegations = records.compactMap {
                if case .other(let bytes) = $0.data { bytes.hex } else { nil }
            }
            .sorted()
        // A zone whose own key is the anchor has none.
        case .absent: zone.delegations = ["anchored"]
        case .unknown(let cause): return .unknown(cause)
        }
        return .zone(zone)
    }
}

extension Finding {
    /// Stands for a question that nobody asked.
    static let notAsked = Finding.absent(nameExists: false, aliases: [], by: nil, .insecure)
}
