/// What an order takes of a CA's limits, and what it leaves to others.
package struct QuotaClaim: Hashable, Sendable {
    /// `orders`, `registered:example.com`, `names:a.example.com,b.example.com`, `failures:a.example.com`.
    package let bucket: String
    package let rate: Rate
    /// Tokens that must be left.
    package let reserve: Double
    /// An order takes one; of failures it only needs that one is left.
    package let takes: Bool
    /// Certificates are counted, so an order that comes to none gives it back.
    package var isGivenBack: Bool { bucket.hasPrefix("names:") || bucket.hasPrefix("registered:") }

    /// What an order is, to a CA's limits.
    package enum Kind: Hashable, Sendable {
        /// The first certificate for its names; of a tenant that has others, it leaves room for tenants that have none.
        case first(isNewTenant: Bool)
        /// Another for exactly the same names: exempt from what counts new ones.
        case renewal
        /// One that names what it replaces: exempt from all (RFC 9773, section 5; letsencrypt.org/docs/rate-limits).
        case replacement
    }

    /// - Parameters:
    ///   - registered: the registered domain of each name, without doubles.
    ///   - headroom: the share that is left to new tenants, 0 to 1.
    package static func claims(
        _ kind: Kind,
        names: [String],
        registered: [String],
        _ authority: AuthoritySection,
        headroom: Double
    ) -> [QuotaClaim] {
        guard kind != .replacement else { return [] }
        var claims: [QuotaClaim] = []
        func add(_ bucket: String, _ rate: Rate?, reserve: Double = 0, takes: Bool = true) {
            guard let rate else { return }
            let reserve = Double(rate.count) * reserve
            claims.append(QuotaClaim(bucket: bucket, rate: rate, reserve: reserve, takes: takes))
        }
        if case .first(let isNewTenant) = kind {
            let reserve = isNewTenant ? 0 : headroom
            add("orders", authority.orders, reserve: reserve)
            for name in registered { add("registered:\(name)", authority.registeredDomain, reserve: reserve) }
        }
        add("names:\(names.sorted().joined(separator: ","))", authority.names)
        for name in names { add("failures:\(name)", authority.failures, takes: false) }
        return claims.sorted { $0.bucket < $1.bucket }
    }
}
