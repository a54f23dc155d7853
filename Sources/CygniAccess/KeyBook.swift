package import CygniModel
package import CygniPostgres
package import FoundationEssentials

/// A key of a machine, as a list shows it.
package struct ListedKey: Sendable {
    package let id: UUID
    package let tenant: UUID?
    package let name: String
    package let hint: String
    package let role: String
    package let scopes: [String]?
    package let createdAt: Timestamp
    package let createdBy: String
    package let expiresAt: Timestamp?
    package let lastUsedAt: Timestamp?
    package let revokedAt: Timestamp?

    init(_ row: Row) throws {
        id = try row.get("id")
        tenant = try row.get("tenant_id")
        name = try row.get("name")
        hint = try row.get("hint")
        role = try row.get("role")
        scopes = try row.get("scopes")
        createdAt = try row.get("created_at")
        createdBy = try row.get("created_by")
        expiresAt = try row.get("expires_at")
        lastUsedAt = try row.get("last_used_at")
        revokedAt = try row.get("revoked_at")
    }
}

/// The keys that machines send. Every call is part of its caller's transaction, as `cygni_jobs`.
package enum KeyBook {
    private static let statements = AccessBook.statements

    /// - Parameters:
    ///   - scopes: the permissions of the role that the key has; nil: all.
    ///   - length: how long it holds; nil: until it is taken back.
    /// - Returns: the key, to be shown once, and its id.
    /// - Throws: ``AccessError``.
    package static func make(
        name: String,
        tenant: UUID?,
        role: String,
        scopes: [String]?,
        for length: Duration?,
        by actor: String,
        in session: Session
    ) throws -> (RandomCredential, id: UUID) {
        let most = try AccessBook.principal(Grant(subject: "key", tenant: tenant, role: role), in: session)
        for scope in scopes ?? [] {
            guard let permission = Permission(rawValue: scope), most.may(permission) else {
                throw AccessError.unknownScope(scope)
            }
        }
        let key = RandomCredential(.key)
        let row = try session.query(
            statements["make_key"],
            tenant,
            name,
            key.hint,
            Bytes(key.hash),
            role,
            scopes,
            actor,
            length?.microseconds
        )[0]
        return (key, try row.get("id"))
    }

    /// - Parameter tenant: whose; nil: the platform's.
    package static func list(tenant: UUID?, everyone: Bool = false, in session: Session) throws -> [ListedKey] {
        try session.query(statements["list_keys"], tenant, everyone).map(ListedKey.init)
    }

    /// Takes a key back.
    ///
    /// - Parameter everyone: whosever it is, not only the tenant's.
    /// - Returns: whose it was and its name; nil when there is no such key that holds.
    package static func revoke(
        _ id: UUID,
        tenant: UUID?,
        everyone: Bool = false,
        by actor: String,
        in session: Session
    ) throws -> (tenant: UUID?, name: String, hint: String)? {
        guard let row = try session.query(statements["revoke_key"], id, actor, tenant, everyone).first else {
            return nil
        }
        return (try row.get("tenant_id"), try row.get("name"), try row.get("hint"))
    }
}
