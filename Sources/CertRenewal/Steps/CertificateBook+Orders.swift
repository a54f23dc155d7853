import CygniConfig
import CygniJobs
import CygniModel
import CygniPostgres
import CygniSecrets
import FoundationEssentials

/// Orders: what a CA was asked for is written down before it is asked, with the key it is to be for.
extension CertificateBook {
    /// An order in hand.
    struct OpenOrder: Sendable {
        let id: UUID
        let authority: String
        let directory: String
        /// Nil: whoever sent it died before the CA's answer was kept.
        var url: String?
        let keyID: UUID
        let key: CertificateKey
        let names: [String]
        var replaces: String?
        /// What it took of the CA's limits.
        var claims: [QuotaClaim] = []
    }

    func openOrder(_ row: CertificateRow) async throws -> OpenOrder? {
        guard let id = row.orderID else { return nil }
        struct Found: Sendable {
            let authority: String
            let directory: String
            let url: String?
            let keyID: UUID
            let sealed: Bytes
            let names: [String]
            let replaces: String?
        }
        let found = try await context.read { session in
            try session.query(Self.statements["open_order"], id).first.map { row in
                Found(
                    authority: try row.get("authority"),
                    directory: try row.get("directory"),
                    url: try row.get("url", as: String?.self),
                    keyID: try row.get("key_id"),
                    sealed: try row.get("key_sealed"),
                    names: try row.get("names", as: [String].self),
                    replaces: try row.get("replaces", as: String?.self)
                )
            }
        }
        guard let found else { return nil }
        let pem = try ring.open(found.sealed.bytes, at: Self.place(ofKey: found.keyID))
        return OpenOrder(
            id: id,
            authority: found.authority,
            directory: found.directory,
            url: found.url,
            keyID: found.keyID,
            key: try CertificateKey(pem: String(decoding: pem, as: UTF8.self)),
            names: found.names,
            replaces: found.replaces
        )
    }

    /// What may keep an order back.
    enum Begun: Sendable {
        case order(OpenOrder)
        /// A limit of the CA: until when, and which one.
        case wait(Timestamp, bucket: String)
    }

    /// Takes what the order needs of the CA's limits, and writes it down with its key, all or nothing.
    func begin(
        _ row: CertificateRow,
        _ lease: Lease,
        authority: String,
        _ section: AuthoritySection,
        keyType: KeyType,
        replaces: String?,
        claims: [QuotaClaim]
    ) async throws -> Begun {
        let key = try CertificateKey(keyType)
        let (id, keyID) = (UUID(), UUID())
        let sealed = try ring.seal(Array(try key.pem().utf8), at: Self.place(ofKey: keyID))
        let spki = try key.spki()
        let version = ring.current ?? ""
        let directory = section.directory.reveal()
        let (run, host, now) = (context.runID, context.host, context.now)
        let order = OpenOrder(
            id: id,
            authority: authority,
            directory: directory,
            url: nil,
            keyID: keyID,
            key: key,
            names: row.names,
            replaces: replaces,
            claims: claims
        )
        let begun = try await write(lease) { session -> Begun in
            if let wait = try QuotaBook.take(claims, of: authority, at: now, in: session) {
                return .wait(wait.until, bucket: wait.bucket)
            }
            try session.query(
                Self.statements["begin_key"],
                keyID,
                row.id,
                keyType.rawValue,
                spki,
                Bytes(sealed),
                version
            )
            try session.query(
                Self.statements["begin_order"],
                id,
                row.tenant,
                row.id,
                authority,
                directory,
                row.names,
                keyID,
                row.isIssued,
                replaces,
                run,
                host
            )
            try session.query(Self.statements["set_order"], row.id, id)
            return .order(order)
        }
        context.crashPoint("cert.begun")
        return begun
    }

    func keepURL(_ order: OpenOrder, _ lease: Lease) async throws {
        let (id, url, replaces) = (order.id, order.url, order.replaces)
        try await write(lease) { session in
            _ = try session.query(Self.statements["order_url"], id, url, replaces)
        }
        context.crashPoint("cert.order_stored")
    }

    /// The order came to nothing; its key goes.
    func drop(_ order: OpenOrder, _ lease: Lease, as state: String, problem: JSONValue?) async throws {
        let text = problem.map { JSONText($0.text) }
        let now = context.now
        try await write(lease) { session in
            try QuotaBook.giveBack(order.claims, of: order.authority, at: now, in: session)
            try session.query(Self.statements["end_order"], order.id, state, text)
            try session.query(Self.statements["set_order"], lease.id, UUID?.none)
            _ = try session.query(Self.statements["forget_keys"], lease.id)
        }
    }
}
