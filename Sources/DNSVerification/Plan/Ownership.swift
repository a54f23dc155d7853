package import CygniDNS
package import CygniModel

/// Judges the TXT records of a challenge name (draft-ietf-dnsop-domain-control-validation): one of them must begin with the token.
package struct Ownership: Hashable, Sendable {
    package var verdict: Verdict
    /// What came close, for a person: each names what is wrong with it.
    package var nearMisses: [NearMiss] = []
    /// Where the challenge name leads, when it is an alias.
    package var alias: DomainName?

    package enum NearMiss: Hashable, Sendable {
        /// The token in quotation marks that somebody typed too.
        case quoted
        /// Only a part of the token.
        case truncated
        /// The token with something before or behind it.
        case padded
        /// `expiry=` of before now.
        case expired(String)
        /// Another value.
        case other(String)
    }

    /// - Parameters:
    ///   - token: lower case; compared without regard to case, as some panels change it.
    ///   - now: for the record's `expiry=`, a day or `never`.
    package init(_ finding: Finding, token: String, now: Timestamp) {
        switch finding {
        case .unknown(let unknown): self.init(verdict: .unknown(Reason(unknown)))
        case .absent(_, let aliases, _, _):
            self.init(verdict: .absent(.ownershipMissing))
            alias = aliases.last
        case .present(let records, let aliases, _):
            var misses: [NearMiss] = []
            for text in records.compactMap(\.text) {
                switch Self.judge(text, token, now) {
                case nil:
                    self.init(verdict: .present)
                    return
                case let miss?: misses.append(miss)
                }
            }
            let isExpired = misses.contains { if case .expired = $0 { true } else { false } }
            self.init(verdict: .absent(isExpired ? .ownershipExpired : .ownershipOther), nearMisses: misses)
            alias = aliases.last
        }
    }

    private init(verdict: Verdict, nearMisses: [NearMiss] = []) {
        self.verdict = verdict
        self.nearMisses = nearMisses
    }

    /// - Returns: nil when the record proves it.
    private static func judge(_ text: String, _ token: String, _ now: Timestamp) -> NearMiss? {
        let words = text.split(separator: " ").map { $0.lowercased() }
        let first = words.first ?? ""
        if first == token {
            let expiry = words.dropFirst().first { $0.hasPrefix("expiry=") }?.dropFirst(7)
            guard let expiry, expiry != "never" else { return nil }
            guard let end = Timestamp(parsing: "\(expiry)T00:00:00Z") ?? Timestamp(parsing: expiry.uppercased()),
                end > now
            else { return .expired(String(expiry)) }
            return nil
        }
        let bare = first.filter { $0 != "\"" && $0 != "'" }
        if bare == token { return .quoted }
        if bare.count >= 8, token.hasPrefix(bare) || token.hasSuffix(bare) { return .truncated }
        if text.lowercased().contains(token) { return .padded }
        return .other(String(text.prefix(100)))
    }
}

extension Reason {
    package init(_ unknown: Finding.Unknown) {
        switch unknown {
        case .timeout: self = .timeout
        case .failed: self = .serverFailure
        case .bogus: self = .bogus
        case .garbled, .aliases: self = .garbled
        }
    }
}
