package import CygniDNS

/// The token at a name where nobody looks for it.
package struct Misplaced: Hashable, Sendable {
    package enum Mistake: String, Hashable, Sendable {
        /// The panel added the zone's name to a name that had it.
        case doubledSuffix = "doubled_suffix"
        /// At the domain itself.
        case atDomain = "at_domain"
        case atWww = "at_www"
        case atApex = "at_apex"
        /// Where the proof of one host stands, and this one is for more.
        case otherScope = "other_scope"
    }

    package var mistake: Mistake
    package var name: DomainName

    package init(_ mistake: Mistake, _ name: DomainName) {
        self.mistake = mistake
        self.name = name
    }

    func fix(_ claim: Claim) -> Fix {
        let why =
            switch mistake {
            case .doubledSuffix: "the zone's name is in it twice"
            case .atDomain: "it stands at the domain itself"
            case .atWww: "it stands below www"
            case .atApex: "it stands at the zone's top"
            case .otherScope: "there it would be for that one host alone"
            }
        return Fix(
            .change,
            "TXT",
            claim.challenge.description,
            claim.token,
            "move TXT \(name) to \(claim.challenge): \(why)"
        )
    }
}
