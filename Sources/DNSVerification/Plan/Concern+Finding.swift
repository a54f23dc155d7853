import CygniDNS

extension Concern {
    static func all(_ claim: Claim, _ found: Examination, _ target: Target, _ measure: Judgement.Measure) -> [Concern] {
        validation(found) + authorities(claim, found, measure) + servers(found) + pointing(claim, target, measure)
            + acme(claim, found, measure) + wildcard(claim, found, measure) + misplaced(found) + quorum(found, measure)
    }

    private static func validation(_ found: Examination) -> [Concern] {
        let findings = [found.challenge, found.a, found.aaaa]
        for case .unknown(.bogus(let why)) in findings { return [Concern(.dnssecBogus, why)] }
        if case .unknown(.bogus(let why)) = found.zone { return [Concern(.dnssecBogus, why)] }
        return []
    }

    private static func authorities(_ claim: Claim, _ found: Examination, _ measure: Judgement.Measure) -> [Concern] {
        switch found.authority {
        case .none: return []
        case .unknown(let place, let cause):
            guard !measure.authorities.isEmpty else { return [] }
            return [Concern(.caaUnknown, "no CA may issue while CAA of \(place) cannot be told: \(cause.words)")]
        case .set(let set):
            return measure.authorities.compactMap { authority in
                var request = authority
                request.isWildcard = claim.name.isWildcard
                let issuer = request.issuers.sorted().joined(separator: ", ")
                return set.verdict(on: request).words.map {
                    Concern(.caaForbids, "CAA of \(set.owner) keeps \(issuer) from issuing: \($0)")
                }
            }
        }
    }

    private static func servers(_ found: Examination) -> [Concern] {
        guard let survey = found.survey else { return [] }
        var concerns: [Concern] = []
        let answering = survey.servers.filter { if case .silent = $0.word { false } else { true } }
        var serials: Set<UInt32> = []
        for server in survey.servers {
            let place = server.name.hasPrefix(server.address) ? server.address : "\(server.name) (\(server.address))"
            switch server.word {
            case .serves(let serial, _): serials.formUnion([serial].compactMap(\.self))
            case .lame(let why): concerns.append(Concern(.lameServer, "\(place): \(why)"))
            // Where none answers, it is our way there that is closed: the resolver was answered.
            case .silent(let why): if !answering.isEmpty { concerns.append(Concern(.silentServer, "\(place): \(why)")) }
            }
        }
        if survey.isDivided {
            let without = survey.servers.filter { if case .serves(_, false) = $0.word { true } else { false } }
            concerns.append(
                Concern(
                    .serversDisagree,
                    "not served by \(without.map(\.address).joined(separator: ", ")), by others it is"
                )
            )
        } else if serials.count > 1 {
            let list = serials.sorted().map(String.init).joined(separator: ", ")
            concerns.append(Concern(.serversDisagree, "its servers have versions \(list) of the zone"))
        }
        return concerns
    }

    private static func pointing(_ claim: Claim, _ target: Target, _ measure: Judgement.Measure) -> [Concern] {
        if target.isProxied { return [Concern(.proxied, "a proxy stands in front; where it leads is not to be seen")] }
        guard target.verdict == .present, !target.followsAlias, let name = measure.edge.names.first,
            !claim.name.isApex || claim.name.isWildcard
        else { return [] }
        return [Concern(.copiedAddress, "an alias of \(name) would follow when addresses move")]
    }

    private static func acme(_ claim: Claim, _ found: Examination, _ measure: Judgement.Measure) -> [Concern] {
        guard let zone = measure.acmeDelegation, claim.name.isWildcard, let finding = found.survey?.acme else {
            return []
        }
        let name = "_acme-challenge.\(claim.name.base)"
        switch finding {
        case .unknown: return []
        case .absent: return [Concern(.acmeDelegation, "\(name) is no alias of a name below \(zone)")]
        case .present(let records, _, _):
            let targets = records.compactMap { if case .name(let target) = $0.data { target } else { nil } }
            guard !targets.contains(where: { $0.isWithin(zone) }) else { return [] }
            let list = targets.map(\.description).joined(separator: ", ")
            return [Concern(.acmeDelegation, "\(name) is an alias of \(list), which is not below \(zone)")]
        }
    }

    private static func wildcard(_ claim: Claim, _ found: Examination, _ measure: Judgement.Measure) -> [Concern] {
        guard case .present(let records, _, _) = found.survey?.wildcard else { return [] }
        let addresses = records.compactMap { if case .address(let bytes) = $0.data { bytes } else { nil } }
        guard addresses.contains(where: { measure.edge.addresses.contains($0) }) else { return [] }
        return [
            Concern(.wildcardExposed, "*.\(claim.name.base) leads here: any label below it does, whoever claims it")
        ]
    }

    private static func misplaced(_ found: Examination) -> [Concern] {
        guard let misplaced = found.survey?.misplaced else { return [] }
        return [Concern(.nearMiss, "\(misplaced.mistake.rawValue): the token stands at \(misplaced.name)")]
    }

    private static func quorum(_ found: Examination, _ measure: Judgement.Measure) -> [Concern] {
        guard let quorum = found.survey?.quorum, quorum.seen < measure.quorum else { return [] }
        return [
            Concern(
                .quorumMissed,
                "\(quorum.seen) of \(quorum.asked) resolvers elsewhere see the proof, \(measure.quorum) must"
            )
        ]
    }
}

extension CAASet.Verdict {
    /// Why a CA may not issue; nil: it may.
    var words: String? {
        switch self {
        case .permitted: nil
        case .otherIssuers(let names): "only \(names.joined(separator: ", ")) may"
        case .nobody: "nobody may"
        case .unknownCritical(let tag): "a critical record has the tag '\(tag)', which no CA knows"
        case .otherAccount(let account): "only the account \(account) may"
        case .otherMethods(let methods): "only by \(methods.joined(separator: ", "))"
        case .malformed(let value): "'\(value)' cannot be read as a CA's name"
        }
    }
}
