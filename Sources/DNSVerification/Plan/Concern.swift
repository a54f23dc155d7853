/// Something about a domain that changes no state and still wants somebody's attention: stable codes.
package struct Concern: Hashable, Sendable {
    package enum Code: String, Hashable, Sendable, CaseIterable {
        /// CAA records keep a CA of ours from issuing.
        case caaForbids = "caa_forbids"
        /// Nobody can say whether they do, so that a CA must not issue.
        case caaUnknown = "caa_unknown"
        case dnssecBogus = "dnssec_bogus"
        /// A name server of the zone that knows nothing of it.
        case lameServer = "lame_server"
        case silentServer = "silent_server"
        case serversDisagree = "servers_disagree"
        /// `_acme-challenge` does not lead to us.
        case acmeDelegation = "acme_delegation"
        /// Any label below the domain leads to us.
        case wildcardExposed = "wildcard_exposed"
        /// A proxy stands in front: where it leads is not to be seen.
        case proxied
        /// Copied addresses, which stay behind when ours move.
        case copiedAddress = "copied_address"
        /// The proof is in a zone whose signatures nobody can check, and too few resolvers see it.
        case quorumMissed = "quorum_missed"
        /// A name near the right one has the record.
        case nearMiss = "near_miss"
    }

    package var code: Code
    /// For a person.
    package var text: String

    package init(_ code: Code, _ text: String) {
        self.code = code
        self.text = text
    }
}
