import CygniModel
import CygniPostgres

/// The token buckets of CAs' limits, shared by all hosts.
enum QuotaBook {
    struct Wait: Sendable {
        let until: Timestamp
        let bucket: String
    }

    /// Takes one of each bucket, or of none.
    ///
    /// - Returns: what has to be waited for; nil: they were taken.
    static func take(_ claims: [QuotaClaim], of authority: String, at now: Timestamp, in session: Session) throws
        -> Wait?
    {
        guard !claims.isEmpty else { return nil }
        try session.query(CertificateBook.statements["lock_buckets"], authority)
        let found = try levels(CertificateBook.statements["buckets"], claims, authority, in: session)
        if let wait = wait(claims, found, now) { return wait }
        let left = claims.filter(\.takes).map { claim in
            (claim.bucket, bucket(claim, found, now).taking(at: now).level)
        }
        try fill(left, of: authority, at: now, in: session)
        return nil
    }

    /// An order came to nothing: what counts certificates is given back.
    static func giveBack(_ claims: [QuotaClaim], of authority: String, at now: Timestamp, in session: Session) throws {
        let claims = claims.filter { $0.takes && $0.isGivenBack }
        guard !claims.isEmpty else { return }
        try session.query(CertificateBook.statements["lock_buckets"], authority)
        let found = try levels(CertificateBook.statements["buckets"], claims, authority, in: session)
        try fill(
            claims.map { ($0.bucket, bucket($0, found, now).taking(at: now, -1).level) },
            of: authority,
            at: now,
            in: session
        )
    }

    /// One failed validation of each of these names.
    static func fail(
        _ names: [String],
        _ rate: Rate?,
        of authority: String,
        at now: Timestamp,
        in session: Session
    ) throws {
        guard let rate, !names.isEmpty else { return }
        let claims = Set(names).sorted().map {
            QuotaClaim(bucket: "failures:\($0)", rate: rate, reserve: 0, takes: true)
        }
        try session.query(CertificateBook.statements["lock_buckets"], authority)
        let found = try levels(CertificateBook.statements["buckets"], claims, authority, in: session)
        try fill(
            claims.map { ($0.bucket, bucket($0, found, now).taking(at: now).level) },
            of: authority,
            at: now,
            in: session
        )
    }

    /// What an order would have to wait for now, without taking anything.
    static func peek(_ claims: [QuotaClaim], of authority: String, at now: Timestamp, in session: Session) throws
        -> Wait?
    {
        wait(claims, try levels(CertificateBook.statements["peek_buckets"], claims, authority, in: session), now)
    }

    private static func wait(_ claims: [QuotaClaim], _ found: [String: (Double, Timestamp)], _ now: Timestamp) -> Wait?
    {
        let waits = claims.map { ($0, bucket($0, found, now).wait(at: now, reserve: $0.reserve)) }
        guard let worst = waits.max(by: { $0.1 < $1.1 }), worst.1 > .zero else { return nil }
        return Wait(until: now + worst.1, bucket: worst.0.bucket)
    }

    private static func bucket(_ claim: QuotaClaim, _ found: [String: (Double, Timestamp)], _ now: Timestamp)
        -> TokenBucket
    {
        guard let (level, at) = found[claim.bucket] else { return TokenBucket(claim.rate, at: now) }
        return TokenBucket(claim.rate, level: level, at: at)
    }

    private static func levels(
        _ statement: Statement,
        _ claims: [QuotaClaim],
        _ authority: String,
        in session: Session
    ) throws -> [String: (Double, Timestamp)] {
        let rows = try session.query(statement, authority, claims.map(\.bucket))
        return Dictionary(
            try rows.map { (try $0.get("bucket"), (try $0.get("level"), try $0.get("at"))) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    private static func fill(_ levels: [(String, Double)], of authority: String, at now: Timestamp, in session: Session)
        throws
    {
        let json = JSONValue.array(
            levels.map { .object([("bucket", .string($0.0)), ("level", .number($0.1))]) }
        )
        try session.query(CertificateBook.statements["fill"], authority, JSONText(json.text), now)
    }
}
