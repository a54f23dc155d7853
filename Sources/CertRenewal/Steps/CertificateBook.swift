import CygniJobs
import CygniModel
import CygniPostgres
import CygniSecrets
import FoundationEssentials

/// The rows of certificates, their keys and orders.
struct CertificateBook: Sendable {
    static let statements = StatementFile("certificates", PackageResources.certificates_sql)

    let context: JobContext
    let ring: KeyRing

    /// Who works on a certificate: what is written without it still being so is refused.
    struct Lease: Hashable, Sendable {
        let id: UUID
        let number: Int64
    }

    /// Somebody else works on it by now.
    struct Taken: Error, CustomStringConvertible {
        let description = "another run works on this certificate"
    }

    func rows(names: [String], all: Bool, atMost limit: Int) async throws -> [CertificateRow] {
        let now = context.now
        return try await context.read { session in
            try session.query(Self.statements["due"], now, limit, names, all, UUID?.none).map(CertificateRow.init)
        }
    }

    /// The same certificate as it is now.
    func row(_ id: UUID) async throws -> CertificateRow? {
        let now = context.now
        return try await context.read { session in
            try session.query(Self.statements["due"], now, 1, [String](), false, id).first.map(CertificateRow.init)
        }
    }

    func uncovered(atMost limit: Int) async throws -> [RenewalPlan.Uncovered] {
        try await context.read { session in
            try session.query(Self.statements["uncovered"], limit).map {
                RenewalPlan.Uncovered(
                    tenant: try $0.get("tenant_id", as: UUID.self).text,
                    name: try $0.get("name")
                )
            }
        }
    }

    func cover(_ domains: [RenewalPlan.Uncovered]) async throws {
        let wanted = JSONValue.array(
            domains.map { .object([("tenant_id", .string($0.tenant)), ("name", .string($0.name))]) }
        ).text
        try await context.transaction { session in
            try session.query(Self.statements["lock_cover"])
            try session.query(Self.statements["cover"], JSONText(wanted))
        }
    }

    /// Nil when another run has it, or has had it since it was read.
    func lease(_ row: CertificateRow) async throws -> Lease? {
        let run = context.runID
        let number = try await context.transaction { session in
            try session.query(Self.statements["lease"], row.id, run, row.lease, row.fingerprint).first?.get(
                "lease",
                as: Int64.self
            )
        }
        context.crashPoint("cert.leased")
        return number.map { Lease(id: row.id, number: $0) }
    }

    func release(_ lease: Lease) async throws {
        try await context.transaction { session in
            _ = try session.query(Self.statements["release"], lease.id, lease.number)
        }
    }

    /// Writes about a certificate, as long as this run holds it.
    ///
    /// - Throws: ``Taken``.
    @discardableResult
    func write<Value: Sendable>(
        _ lease: Lease,
        _ body: @Sendable (Session) throws -> Value
    ) async throws -> Value {
        let run = context.runID
        return try await context.transaction { session in
            guard try session.query(Self.statements["hold"], lease.id, lease.number, run).first != nil else {
                throw Taken()
            }
            return try body(session)
        }
    }

    /// The chain and the key of a certificate.
    func material(_ id: UUID) async throws -> (chain: String, key: String?)? {
        let found = try await context.read { session -> (UUID, String, Bytes?)? in
            guard let row = try session.query(Self.statements["material"], id).first,
                let chain = try row.get("chain_pem", as: String?.self)
            else { return nil }
            return (try row.get("key_id", as: UUID?.self) ?? id, chain, try row.get("sealed", as: Bytes?.self))
        }
        guard let (key, chain, sealed) = found else { return nil }
        guard let sealed else { return (chain, nil) }
        let plain = try ring.open(sealed.bytes, at: Self.place(ofKey: key))
        return (chain, String(decoding: plain, as: UTF8.self))
    }

    /// To the tenant's audit trail; the platform's own where there is none.
    func audit(
        _ tenant: UUID?,
        _ action: String,
        _ subject: String,
        _ details: KeyValuePairs<String, String?>,
        in session: Session
    )
        throws
    {
        var members = details.map { (name: $0.key, value: JSONValue.optional($0.value)) }
        members.append(("run", .string(context.runID.text)))
        try session.query(
            Self.statements["audit"],
            tenant,
            "certificate.\(action)",
            subject,
            JSONText(JSONValue.object(members).text)
        )
    }

    static func place(ofKey id: UUID) -> SealPlace {
        SealPlace(table: "cygni.certificate_keys", row: id, column: "sealed")
    }

    static func place(ofAccount id: UUID) -> SealPlace {
        SealPlace(table: "cygni.acme_accounts", row: id, column: "sealed")
    }
}
