package import CygniDNS

/// What was asked beyond a resolver's word: each name server by itself, resolvers elsewhere, names nearby.
package struct Survey: Hashable, Sendable {
    package var servers: [ServerReport] = []
    /// How many resolvers elsewhere see the proof, of how many asked; nil: none were.
    package var quorum: Quorum?
    package var misplaced: Misplaced?
    /// `_acme-challenge`'s CNAME record.
    package var acme: Finding?
    /// Addresses of a label that nobody has.
    package var wildcard: Finding?

    package struct Quorum: Hashable, Sendable {
        package var seen: Int
        package var asked: Int
    }

    /// What one name server says.
    package struct ServerReport: Hashable, Sendable {
        package enum Word: Hashable, Sendable {
            /// The zone's serial number, and whether the proof is there.
            case serves(serial: UInt32?, hasProof: Bool)
            /// It answers, and not as one that has the zone.
            case lame(String)
            case silent(String)
        }

        package var name: String
        package var address: String
        package var word: Word
        package var milliseconds: Double
    }

    /// What all the servers that have the zone say of the proof; nil when they disagree, or none says anything.
    package var agreedProof: Bool? {
        let words = Set(servers.compactMap { if case .serves(_, let hasProof) = $0.word { hasProof } else { nil } })
        return words.count == 1 ? words.first : nil
    }

    /// Servers say different things of the proof.
    package var isDivided: Bool {
        Set(servers.compactMap { if case .serves(_, let hasProof) = $0.word { hasProof } else { nil } }).count > 1
    }
}
