/// Why a domain stands as it does: stable codes, which the platform's page and people's scripts go by.
package enum Reason: String, Hashable, Sendable, CaseIterable, Codable {
    case ok
    /// No TXT record at the challenge name.
    case ownershipMissing = "ownership_missing"
    /// There are records, and none has the token.
    case ownershipOther = "ownership_other"
    /// The token's time is over.
    case ownershipExpired = "ownership_expired"
    /// The zone changed hands (NS set, DS or SOA), so an old proof counts no more.
    case proofVoid = "proof_void"
    /// Somebody else's claim to the name holds.
    case heldByOther = "held_by_other"
    /// No name that anybody can have.
    case nameUnusable = "name_unusable"
    case targetMissing = "target_missing"
    case targetElsewhere = "target_elsewhere"
    /// The address of one family is right, that of the other leads elsewhere.
    case targetSplit = "target_split"
    case bogus
    case timeout
    case serverFailure = "server_failure"
    case garbled
    case serversDisagree = "servers_disagree"
    /// Too few resolvers elsewhere see the proof.
    case quorumMissed = "quorum_missed"
    /// So many of its provider's domains got no answer that it was not asked about.
    case providerDown = "provider_down"
}

/// What a look found of one thing: only the first two change anything.
package enum Verdict: Hashable, Sendable {
    case present
    case absent(Reason)
    case unknown(Reason)
}

/// All that one look found of a domain.
package struct Look: Hashable, Sendable {
    package var ownership: Verdict
    package var target: Verdict
    /// Who serves the zone, in one value: NS set, DS, SOA owner. nil: not known this time.
    package var zone: String?

    package init(ownership: Verdict, target: Verdict, zone: String? = nil) {
        self.ownership = ownership
        self.target = target
        self.zone = zone
    }

    /// The first thing that somebody has to put right, ownership before target.
    var reason: Reason {
        for verdict in [ownership, target] {
            switch verdict {
            case .present: continue
            case .absent(let reason), .unknown(let reason): return reason
            }
        }
        return .ok
    }
}
