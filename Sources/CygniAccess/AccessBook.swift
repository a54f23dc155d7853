import CygniModel
package import CygniPostgres
import FoundationEssentials

/// Who may come in, as the database has it. Every call is part of its caller's transaction, as `cygni_jobs`.
package enum AccessBook {
    static let statements = StatementFile("access", PackageResources.access_sql)

    /// What a grant allows.
    ///
    /// - Throws: ``AccessError/unknownRole(_:)`` when there is no such role there.
    package static func principal(_ grant: Grant, in session: Session) throws -> Principal {
        var own: [String]?
        if let role = Role(rawValue: grant.role) {
            guard role.isOfTenant == (grant.tenant != nil) else { throw AccessError.unknownRole(grant.role) }
        } else if let tenant = grant.tenant {
            own = try session.query(statements["find_role"], tenant, grant.role).first?.get("permissions")
        }
        guard Role(rawValue: grant.role) != nil || own != nil else { throw AccessError.unknownRole(grant.role) }
        return grant.principal(own: own)
    }

    /// Whoever sent a key: nil when it is none of ours, was taken back or is over.
    package static func use(key: RandomCredential, in session: Session) throws -> Principal? {
        guard let row = try session.query(statements["use_key"], Bytes(key.hash)).first else { return nil }
        let id = try row.get("id", as: UUID.self)
        if try row.get("is_stale") { try session.query(statements["note_key_use"], id) }
        let grant = Grant(
            subject: "key:\(id.text)",
            tenant: try row.get("tenant_id"),
            role: try row.get("role")
        )
        return grant.principal(own: try row.get("own_permissions"), scopes: try row.get("scopes"))
    }

    /// Uses up a link.
    ///
    /// - Returns: nil when the link is none of ours, was used or is over.
    package static func redeem(_ link: RandomCredential, in session: Session) throws -> Grant? {
        try session.query(statements["use_link"], Bytes(link.hash)).first.map(grant)
    }

    /// A link that lets its holder in once.
    ///
    /// - Throws: ``AccessError``.
    package static func makeLink(_ grant: Grant, for length: Duration, by actor: String, in session: Session) throws
        -> RandomCredential
    {
        _ = try principal(grant, in: session)
        let link = RandomCredential(.link)
        try session.query(
            statements["make_link"],
            Bytes(link.hash),
            grant.tenant,
            grant.subject,
            grant.role,
            actor,
            length.microseconds
        )
        return link
    }

    /// Removes what is of no use any more.
    package static func tidy(in session: Session) throws {
        try session.query(statements["tidy"])
    }

    static func grant(_ row: Row) throws -> Grant {
        Grant(
            subject: try row.get("subject"),
            tenant: try row.get("tenant_id"),
            role: try row.get("role")
        )
    }
}
