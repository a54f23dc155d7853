import CygniModel
package import CygniPostgres
package import FoundationEssentials

/// Who is signed in to the operator's page. Every call is part of its caller's transaction, as `cygni_jobs`.
///
/// The browser holds 256 random bits, the database their SHA-256. A session ends when its time is over, when nothing was
/// done in it for long, or when somebody signs out; what ends it is looked at with every request.
package enum SessionBook {
    private static let statements = AccessBook.statements

    package struct PageSession: Hashable, Sendable {
        package let id: UUID
        package let principal: Principal
        /// SHA-256 of the cookie, which forms are bound to.
        package let hash: [UInt8]

        init(_ row: Row, hash: [UInt8]) throws {
            id = try row.get("id")
            principal = Grant(subject: try row.get("subject"), tenant: nil, role: try row.get("role"))
                .principal(own: nil)
            self.hash = hash
        }
    }

    /// - Parameter length: after it the session ends, however much it is used.
    package static func begin(_ grant: Grant, for length: Duration, in session: Session) throws
        -> (RandomCredential, PageSession)
    {
        let credential = RandomCredential(.session)
        let row = try session.query(
            statements["begin_session"],
            Bytes(credential.hash),
            grant.subject,
            grant.role,
            length.microseconds
        )[0]
        return (credential, try PageSession(row, hash: credential.hash))
    }

    /// - Parameters:
    ///   - idle: the session is over when nothing was done in it for so long.
    ///   - isActive: whether this is something that a person does, and not a page that looks for news by itself.
    /// - Returns: nil when there is none that holds.
    package static func use(
        _ credential: RandomCredential,
        idle: Duration,
        isActive: Bool,
        in session: Session
    ) throws -> PageSession? {
        let row = try session.query(statements["find_session"], Bytes(credential.hash), idle.microseconds).first
        guard let row else { return nil }
        let found = try PageSession(row, hash: credential.hash)
        if isActive, try row.get("is_stale") { try session.query(statements["note_session_use"], found.id) }
        return found
    }

    /// - Parameter cause: `signed out` or `replaced`.
    /// - Returns: the session that was ended; nil when none was open.
    package static func end(_ credential: RandomCredential, because cause: String, in session: Session) throws
        -> PageSession?
    {
        try session.query(statements["end_session"], Bytes(credential.hash), cause).first.map {
            try PageSession($0, hash: credential.hash)
        }
    }
}
