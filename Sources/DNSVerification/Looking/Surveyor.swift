package import CygniDNS
package import CygniModel

/// Asks what a resolver does not tell: each authoritative server by itself, resolvers elsewhere, names near the right one.
package struct Surveyor: Sendable {
    /// So many addresses of a zone are asked at most.
    private static let maxServers = 8

    let resolver: Resolver
    let client: DirectClient
    /// Servers of zones that the settings name, by zone.
    var stubs: [DomainName: [ServerAddress]] = [:]
    var vantages: [ServerAddress] = []
    /// Whether servers at addresses of this host, or of networks inside, may be asked.
    var asksInternal = false

    package init(_ resolver: Resolver, _ client: DirectClient) {
        self.resolver = resolver
        self.client = client
    }

    /// - Parameters:
    ///   - found: what a resolver said.
    ///   - wantsAcme: whether `_acme-challenge` is looked at.
    package func survey(_ claim: Claim, _ found: Examination, now: Timestamp, wantsAcme: Bool) async throws -> Survey {
        var survey = Survey()
        if let zone = found.zone.zone { survey.servers = try await reports(of: zone, claim, now) }
        if !Ownership(found.challenge, token: claim.token, now: now).isProven {
            survey.misplaced = try await misplaced(claim, found.zone.zone?.apex, now)
        }
        if wantsAcme, let name = claim.name.base.prefixed("_acme-challenge") {
            survey.acme = try await resolver.find(name, .cname)
        }
        if !claim.name.isWildcard, let probe = claim.name.base.prefixed("cygni-wildcard-probe") {
            survey.wildcard = try await resolver.find(probe, .a)
        }
        return survey
    }

    /// How many resolvers elsewhere see the proof.
    package func quorum(_ claim: Claim, now: Timestamp) async throws -> Survey.Quorum {
        let seen = try await withThrowingTaskGroup(of: Bool.self) { group in
            for vantage in vantages {
                group.addTask {
                    let answer = try await client.ask(vantage, claim.challenge, .txt, recursive: true)
                    return answer.proves(claim, now)
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        return .init(seen: seen, asked: vantages.count)
    }

    private func reports(of zone: ZoneFinding.Zone, _ claim: Claim, _ now: Timestamp) async throws -> [Survey
        .ServerReport]
    {
        let servers = try await addresses(of: zone)
        let reports = try await withThrowingTaskGroup(of: Survey.ServerReport.self) { group in
            for (name, address) in servers.prefix(Self.maxServers) {
                group.addTask { try await report(name, address, zone.apex, claim, now) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        return reports.sorted { ($0.name, $0.address) < ($1.name, $1.address) }
    }

    private func addresses(of zone: ZoneFinding.Zone) async throws -> [(name: String, address: ServerAddress)] {
        let stub = stubs.keys.filter { zone.apex.isWithin($0) }.max { $0.labels.count < $1.labels.count }
        if let stub, let servers = stubs[stub] { return servers.map { ($0.description, $0) } }
        var found: [(name: String, address: ServerAddress)] = []
        for server in zone.servers.prefix(Self.maxServers) {
            for type in [RecordType.a, .aaaa] {
                guard case .present(let records, _, _) = try await resolver.find(server, type) else { continue }
                for case .address(let bytes) in records.prefix(2).map(\.data) {
                    guard let address = ServerAddress(bytes), asksInternal || !address.isInternal else { continue }
                    found.append((server.description, address))
                }
            }
        }
        return found
    }

    /// What one server says of the zone and of the proof.
    private func report(
        _ name: String,
        _ address: ServerAddress,
        _ apex: DomainName,
        _ claim: Claim,
        _ now: Timestamp
    ) async throws -> Survey.ServerReport {
        async let authority = client.ask(address, apex, .soa)
        async let proof = client.ask(address, claim.challenge, .txt)
        let (zone, token) = try await (authority, proof)
        let (word, took): (Survey.ServerReport.Word, Double) =
            switch zone {
            case .timeout: (.silent("no answer"), 0)
            case .unreachable(let cause), .garbled(let cause): (.silent(cause), 0)
            case .message(let message, let took, _):
                switch (message.code, message.isAuthoritative, token) {
                case (.noError, true, .message(let answer, _, _)) where answer.isUsable:
                    (.serves(serial: message.serial, hasProof: token.proves(claim, now)), took)
                case (.noError, true, _): (.silent("no answer about \(claim.challenge)"), took)
                case (.noError, false, _): (.lame("it is not an authority for \(apex)"), took)
                default: (.lame("\(message.code)"), took)
                }
            }
        return .init(name: name, address: address.description, word: word, milliseconds: took)
    }

    /// Looks at names where people put the record by mistake.
    private func misplaced(_ claim: Claim, _ apex: DomainName?, _ now: Timestamp) async throws -> Misplaced? {
        let base = claim.name.base
        var places: [(Misplaced.Mistake, DomainName?)] = [
            (.doubledSuffix, apex.flatMap { DomainName(labels: claim.challenge.labels + $0.labels) }),
            (.atDomain, base),
            (.atWww, base.prefixed("www")?.prefixed(Claim.label)),
        ]
        if claim.scope != .host { places.append((.otherScope, base.prefixed(Claim.label))) }
        if let apex, apex != base { places += [(.atApex, apex.prefixed(Claim.label)), (.atApex, apex)] }
        for (mistake, name) in places {
            guard let name, name != claim.challenge else { continue }
            let finding = try await resolver.find(name, .txt)
            if Ownership(finding, token: claim.token, now: now).isProven { return Misplaced(mistake, name) }
        }
        return nil
    }
}

extension Ownership {
    package var isProven: Bool { verdict == .present }
}

extension DirectAnswer {
    /// Whether it is an answer whose records prove the claim.
    func proves(_ claim: Claim, _ now: Timestamp) -> Bool {
        guard case .message(let message, _, _) = self else { return false }
        let answer = Answer(question: .init(claim.challenge, .txt), message: message, security: .insecure)
        return Ownership(Finding(answer), token: claim.token, now: now).isProven
    }
}

extension Message {
    /// It says yes or no.
    fileprivate var isUsable: Bool { code == .noError || code == .nameError }

    fileprivate var serial: UInt32? {
        for record in answers { if case .authority(let soa) = record.data { return soa.serial } }
        return nil
    }
}
