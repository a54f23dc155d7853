import CygniDNS

/// The one thing to change next, so that a domain is as it should be.
package struct Fix: Hashable, Sendable {
    package enum Action: String, Hashable, Sendable {
        case add, change, remove
        /// Nothing in the zone helps: somebody else has to act.
        case ask
    }

    package var action: Action
    package var type: String
    package var name: String
    package var value: String
    package var text: String

    init(_ action: Action, _ type: String = "", _ name: String = "", _ value: String = "", _ text: String) {
        (self.action, self.type, self.name, self.value, self.text) = (action, type, name, value, text)
    }

    /// - Parameters:
    ///   - claim: what is to be proven.
    ///   - ownership: as it was judged.
    ///   - misplaced: a name near the challenge name that has the token.
    package static func of(
        _ claim: Claim,
        reason: Reason,
        ownership: Ownership,
        target: Target,
        misplaced: Misplaced?,
        edge: Edge,
        detail: String?
    ) -> Fix? {
        let name = claim.challenge.description
        let record = "TXT \(name) with the value \(claim.token)"
        switch reason {
        case .ok, .nameUnusable: return nil
        case .heldByOther:
            return Fix(
                .ask,
                "",
                claim.name.description,
                "",
                "another account holds this name; whoever controls the zone removes that one's TXT record"
            )
        case .ownershipMissing, .ownershipOther, .proofVoid, .ownershipExpired:
            if let misplaced { return misplaced.fix(claim) }
            for miss in ownership.nearMisses {
                switch miss {
                case .quoted:
                    return Fix(
                        .change,
                        "TXT",
                        name,
                        claim.token,
                        "take the quotation marks out of the value of \(record)"
                    )
                case .truncated: return Fix(.change, "TXT", name, claim.token, "the value is cut off: set \(record)")
                case .padded:
                    return Fix(.change, "TXT", name, claim.token, "the value must begin with the token: set \(record)")
                case .expired:
                    return Fix(.change, "TXT", name, claim.token, "its expiry= has passed: set \(record), without one")
                case .other: continue
                }
            }
            if let alias = ownership.alias {
                return Fix(
                    .change,
                    "CNAME",
                    name,
                    claim.token,
                    "CNAME \(name) leads to \(alias), which has no such record: put \(record) in its place"
                )
            }
            let verb = ownership.nearMisses.isEmpty ? "add" : "none of the values there is the token: add"
            let why = reason == .proofVoid ? "the zone has changed hands, so a new token counts: " : ""
            return Fix(.add, "TXT", name, claim.token, "\(why)\(verb) \(record)")
        case .targetMissing, .targetElsewhere: return pointing(claim, target, edge)
        case .targetSplit:
            let strangers = target.strangers.map(ServerAddress.text).sorted()
            let type = target.strangers.contains { $0.count == 16 } ? "AAAA" : "A"
            return Fix(
                .remove,
                type,
                claim.host.description,
                strangers.joined(separator: " "),
                "remove \(strangers.joined(separator: ", ")) from \(claim.host): these do not lead here, the others do"
            )
        case .bogus:
            return Fix(
                .ask,
                "",
                claim.name.description,
                "",
                "DNSSEC is broken\(detail.map { " (\($0))" } ?? ""): whoever hosts the zone signs it anew, or its DS record is taken out"
            )
        case .timeout, .serverFailure, .garbled, .providerDown:
            return Fix(
                .ask,
                "",
                claim.name.description,
                "",
                "its name servers give no usable answer\(detail.map { " (\($0))" } ?? ""): ask whoever hosts the zone"
            )
        case .serversDisagree:
            return Fix(
                .ask,
                "",
                claim.name.description,
                "",
                "its name servers say different things\(detail.map { " (\($0))" } ?? ""): wait until all have the new zone"
            )
        case .quorumMissed:
            return Fix(.ask, "", claim.name.description, "", "resolvers elsewhere do not see the record yet: wait")
        }
    }

    private static func pointing(_ claim: Claim, _ target: Target, _ edge: Edge) -> Fix {
        let verb = target.strangers.isEmpty ? "add" : "replace what is there by"
        let action: Action = target.strangers.isEmpty ? .add : .change
        // What was registered cannot be an alias (RFC 1034, 3.6.2).
        if let name = edge.names.sorted(by: { $0.description < $1.description }).first,
            !claim.name.isApex || claim.name.isWildcard
        {
            return Fix(
                action,
                "CNAME",
                claim.name.description,
                name.description,
                "\(verb) CNAME \(claim.name) to \(name)"
            )
        }
        let addresses = edge.addresses.map(ServerAddress.text).sorted()
        let type = edge.addresses.contains { $0.count == 4 } ? "A" : "AAAA"
        return Fix(
            action,
            type,
            claim.name.description,
            addresses.joined(separator: " "),
            "\(verb) address records of \(claim.name) for \(addresses.joined(separator: ", "))"
        )
    }
}
