package import CygniDNS
package import CygniModel
package import CygniPostgres
package import FoundationEssentials

/// A claim as the database has it.
package struct DomainRow: Hashable, Sendable {
    package let tenant: UUID
    package let id: UUID
    package let name: String
    package let coversSubdomains: Bool
    package let token: String
    package let standing: Standing
    package let provider: String?
    package let surveyedAt: Timestamp?
    /// A proof of its tenant for a whole domain above it holds.
    package let isCovered: Bool

    package init(_ row: Row) throws {
        tenant = try row.get("tenant_id")
        id = try row.get("id")
        name = try row.get("name")
        coversSubdomains = try row.get("scope", as: String.self) == "domain"
        token = try row.get("verification_token")
        provider = try row.get("provider", as: String?.self)
        surveyedAt = try row.get("surveyed_at", as: Timestamp?.self)
        isCovered = try row.get("is_covered")
        standing = Standing(
            state: Standing.State(rawValue: try row.get("state")) ?? .pending,
            reason: (try row.get("reason", as: String?.self)).flatMap(Reason.init) ?? .ok,
            since: try row.get("state_since"),
            misses: try row.get("misses", as: Int.self),
            zone: try row.get("zone", as: String?.self),
            tokenMadeAt: try row.get("token_made_at")
        )
    }

    /// - Throws: ``HostName/Fault`` for a name that nobody can have.
    package func claim(token: String? = nil) throws(HostName.Fault) -> Claim {
        try Claim(name: name, coversSubdomains: coversSubdomains, token: token ?? self.token)
    }

    /// It is served.
    var isInService: Bool { standing.state == .verified || standing.state == .failing }
}
