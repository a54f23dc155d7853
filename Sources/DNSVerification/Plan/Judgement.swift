package import CygniDNS
package import CygniModel

/// What a look amounts to, as a pure function of what was asked and answered.
package struct Judgement: Hashable, Sendable {
    /// What is judged by, beside the answers.
    package struct Measure: Hashable, Sendable {
        package var edge: Edge
        /// The CAs that must be allowed to issue.
        package var authorities: [CAASet.Request]
        /// Where `_acme-challenge` is to lead; nil: nowhere.
        package var acmeDelegation: DomainName?
        /// How many resolvers elsewhere must see the proof of an unsigned zone.
        package var quorum: Int

        package init(edge: Edge, authorities: [CAASet.Request] = [], acmeDelegation: DomainName? = nil, quorum: Int = 0)
        {
            self.edge = edge
            self.authorities = authorities
            self.acmeDelegation = acmeDelegation
            self.quorum = quorum
        }
    }

    package let claim: Claim
    package let examination: Examination
    package let ownership: Ownership
    package let target: Target
    package let look: Look
    package let concerns: [Concern]

    /// - Parameters:
    ///   - isCovered: a proof for a whole domain above it, of the same tenant, holds.
    ///   - wasVerified: the domain is in service, so that nothing new is believed.
    package init(
        _ claim: Claim,
        _ examination: Examination,
        _ measure: Measure,
        isCovered: Bool = false,
        wasVerified: Bool = false,
        now: Timestamp
    ) {
        self.claim = claim
        self.examination = examination
        var ownership = Ownership(examination.challenge, token: claim.token, now: now)
        ownership.verdict = Self.weighed(ownership.verdict, examination, measure, wasVerified: wasVerified)
        if isCovered, case .absent = ownership.verdict { ownership.verdict = .present }
        self.ownership = ownership
        target = Target(a: examination.a, aaaa: examination.aaaa, edge: measure.edge)
        look = Look(
            ownership: ownership.verdict,
            target: target.verdict,
            zone: examination.zone.zone?.fingerprint
        )
        concerns = Concern.all(claim, examination, target, measure)
    }

    /// A resolver's word on the proof, beside that of the servers themselves and of resolvers elsewhere.
    private static func weighed(
        _ verdict: Verdict,
        _ found: Examination,
        _ measure: Measure,
        wasVerified: Bool
    ) -> Verdict {
        let isSigned = found.zone.zone?.isSigned ?? false
        switch verdict {
        case .absent:
            guard let survey = found.survey else { return verdict }
            if survey.isDivided { return .unknown(.serversDisagree) }
            guard survey.agreedProof == true else { return verdict }
            // A cache stands in between. What no signature proves is believed from the servers themselves.
            return isSigned ? .unknown(.serversDisagree) : .present
        case .present where !isSigned && !wasVerified && measure.quorum > 0:
            return (found.survey?.quorum?.seen ?? 0) >= measure.quorum ? verdict : .unknown(.quorumMissed)
        case .present, .unknown: return verdict
        }
    }

    /// In words, why an answer could not be had.
    package var detail: String? {
        for finding in [examination.challenge, examination.a, examination.aaaa] {
            if case .unknown(let cause) = finding { return cause.words }
        }
        if case .unknown(let cause) = examination.zone { return cause.words }
        return nil
    }

    /// After what time somebody who remembers the wrong answer asks again.
    package var changes: Duration {
        var seconds: UInt32 = 0
        let wrong =
            (look.ownership == .present ? [] : [examination.challenge])
            + (look.target == .present ? [] : [examination.a, examination.aaaa])
        for finding in wrong {
            switch finding {
            case .present(let records, _, _): seconds = max(seconds, records.map(\.ttl).max() ?? 0)
            case .absent(_, _, let negative, _): seconds = max(seconds, negative?.seconds ?? 0)
            case .unknown: continue
            }
        }
        return .seconds(Int64(min(seconds, 86_400)))
    }

    /// The one thing to change, by what the domain's standing says.
    package func fix(_ reason: Reason, edge: Edge) -> Fix? {
        let reason = reason == .ok ? look.reason : reason
        return Fix.of(
            claim,
            reason: reason,
            ownership: ownership,
            target: target,
            misplaced: examination.survey?.misplaced,
            edge: edge,
            detail: detail
        )
    }
}

extension Finding.Unknown {
    /// For a person.
    package var words: String {
        switch self {
        case .timeout: "no answer in time"
        case .failed(let code): "\(code)"
        case .bogus(let why): why
        case .garbled(let why): why
        case .aliases(let names): "aliases without end: \(names.map(\.description).joined(separator: ", "))"
        }
    }
}
