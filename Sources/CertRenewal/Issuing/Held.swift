import CygniModel

/// Why a certificate isn't ordered now, though it is due. Nobody failed.
struct Held: Error, Hashable, Sendable, CustomStringConvertible {
    enum Reason: String, Sendable {
        /// A limit of every CA that might be asked.
        case quota
        /// Every CA that might be asked is left alone for now.
        case authorities = "authorities_closed"
        /// Somebody else works on it.
        case elsewhere
    }

    let reason: Reason
    let until: Timestamp?
    let words: String

    var description: String { words }
}

/// Why the names of a certificate can't be issued for. Its tenant can change that.
struct Unfit: Error, Hashable, Sendable, CustomStringConvertible {
    enum Reason: String, Sendable {
        case noSuchDomain = "no_such_domain"
        case forbidden = "caa_forbids"
        case removed = "domain_removed"
        case noChallenge = "no_challenge"
        case badName = "bad_name"
    }

    let reason: Reason
    let description: String
}
