import CygniModel
package import CygniPostgres
package import FoundationEssentials

/// Refresh tokens: each is used once and replaced by another (RFC 9700, 4.14.2). Every call is part of its caller's
/// transaction, as `cygni_jobs`.
///
/// A token that comes a second time was stolen, or its holder's, which is not to be told apart: the whole family ends. But
/// for a short grace: two tabs of one browser, or a request that was repeated as its answer got lost, are told to use what
/// they got, and nobody is signed out.
package enum RefreshBook {
    private static let statements = AccessBook.statements

    /// What came of a token.
    package enum Outcome: Sendable {
        /// It was the live one: this is the next.
        case rotated(Grant, RandomCredential)
        /// It was used a moment ago; nothing was changed.
        case justUsed
        /// It was used before: its family has ended now.
        case reused(Grant, family: UUID)
        /// It is none of ours, over, or of a family that has ended.
        case refused
    }

    /// - Parameter length: after it the family ends, however often it was renewed.
    package static func begin(_ grant: Grant, for length: Duration, in session: Session) throws -> RandomCredential {
        let token = RandomCredential(.refresh)
        try session.query(
            statements["begin_family"],
            UUID(),
            grant.tenant,
            grant.subject,
            grant.role,
            Bytes(token.hash),
            length.microseconds
        )
        return token
    }

    package static func rotate(_ token: RandomCredential, grace: Duration, in session: Session) throws -> Outcome {
        if let row = try session.query(statements["rotate"], Bytes(token.hash)).first {
            let next = RandomCredential(.refresh)
            let grant = try AccessBook.grant(row)
            try session.query(
                statements["add_to_family"],
                try row.get("family", as: UUID.self),
                try row.get("id", as: UUID.self),
                grant.tenant,
                grant.subject,
                grant.role,
                Bytes(next.hash),
                try row.get("expires_at", as: Timestamp.self)
            )
            return .rotated(grant, next)
        }
        guard let row = try session.query(statements["why_not_rotated"], Bytes(token.hash), grace.microseconds).first,
            try row.get("ended_at", as: Timestamp?.self) == nil, !(try row.get("is_expired", as: Bool.self))
        else { return .refused }
        if try row.get("is_in_grace", as: Bool?.self) ?? false { return .justUsed }
        let family = try row.get("family", as: UUID.self)
        try end(family, "reused: somebody used a token twice", in: session)
        return .reused(try AccessBook.grant(row), family: family)
    }

    /// Ends the family of a token (RFC 7009); nothing happens when it is none of ours.
    package static func signOut(_ token: RandomCredential, in session: Session) throws {
        guard let row = try session.query(statements["family_of"], Bytes(token.hash)).first else { return }
        try end(row.get("family"), "signed out", in: session)
    }

    /// A rotation under way may add a token that a statement which began before does not see: until there is none left.
    private static func end(_ family: UUID, _ reason: String, in session: Session) throws {
        while try !session.query(statements["end_family"], family, reason).isEmpty {}
    }
}
