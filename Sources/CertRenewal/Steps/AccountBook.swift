import CygniACME
import CygniConfig
import CygniJobs
import CygniModel
import CygniPostgres
import CygniSecrets
import FoundationEssentials

/// Our accounts with CAs: one a directory, its key sealed before the CA hears of it.
struct AccountBook: Sendable {
    let context: JobContext
    let ring: KeyRing

    private struct Stored: Sendable {
        let id: UUID
        let url: String?
        let key: AccountKey
        let next: AccountKey?
    }

    /// The account with a CA, made and registered where there is none yet.
    func account(_ name: String, _ section: AuthoritySection, _ client: ACMEClient) async throws -> ACMEClient.Account {
        let directory = section.directory.reveal()
        var stored = try await read(directory)
        if stored == nil {
            try await make(name, directory)
            stored = try await read(directory)
        }
        guard let stored else { throw JobFailure("the account with '\(name)' was removed meanwhile; try again") }
        if let next = stored.next { return try await finishChange(stored, next, client, section) }
        if let url = stored.url { return ACMEClient.Account(url: url, key: stored.key) }
        // A CA that has the key already answers with the account that it made then.
        return try await register(stored, stored.key, client, section)
    }

    /// Gives the account another key (RFC 8555, section 7.3.5).
    func change(_ name: String, _ section: AuthoritySection, _ client: ACMEClient) async throws {
        let account = try await account(name, section, client)
        guard let stored = try await read(section.directory.reveal()) else { return }
        let next = AccountKey()
        let sealed = try seal(next, stored.id)
        try await context.transaction { session in
            _ = try session.query(CertificateBook.statements["next_account_key"], stored.id, Bytes(sealed))
        }
        context.crashPoint("cert.account_next")
        _ = try await client.change(account, to: next)
        context.crashPoint("cert.account_changed")
        try await keep(next, stored.id)
    }

    /// A change of keys was cut off: the CA knows which of the two it has.
    private func finishChange(
        _ stored: Stored,
        _ next: AccountKey,
        _ client: ACMEClient,
        _ section: AuthoritySection
    ) async throws -> ACMEClient.Account {
        guard let url = stored.url else { return try await register(stored, stored.key, client, section) }
        do {
            _ = try await client.change(ACMEClient.Account(url: url, key: stored.key), to: next)
        } catch let error as ACMEError where error.problem != nil {
            // It has the new one already, and so refuses the old one.
        }
        try await keep(next, stored.id)
        return ACMEClient.Account(url: url, key: next)
    }

    private func register(
        _ stored: Stored,
        _ key: AccountKey,
        _ client: ACMEClient,
        _ section: AuthoritySection
    ) async throws -> ACMEClient.Account {
        let external = section.externalAccount.flatMap { kid in
            section.externalKey.map { ACMEClient.ExternalAccount(kid: kid, mac: $0) }
        }
        let account = try await client.register(key, contact: section.contact, external: external)
        context.crashPoint("cert.registered")
        try await context.transaction { session in
            _ = try session.query(CertificateBook.statements["registered"], stored.id, account.url)
        }
        return account
    }

    private func make(_ name: String, _ directory: String) async throws {
        let key = AccountKey()
        let id = UUID()
        let sealed = try seal(key, id)
        let (thumbprint, version) = (key.thumbprint, ring.current ?? "")
        try await context.transaction { session in
            _ = try session.query(
                CertificateBook.statements["new_account"],
                id,
                name,
                directory,
                thumbprint,
                Bytes(sealed),
                version
            )
        }
        context.crashPoint("cert.account_stored")
    }

    private func keep(_ key: AccountKey, _ id: UUID) async throws {
        let sealed = try seal(key, id)
        let (thumbprint, version) = (key.thumbprint, ring.current ?? "")
        try await context.transaction { session in
            _ = try session.query(CertificateBook.statements["account_key"], id, Bytes(sealed), version, thumbprint)
        }
    }

    private func seal(_ key: AccountKey, _ id: UUID) throws -> [UInt8] {
        try ring.seal(key.rawRepresentation, at: CertificateBook.place(ofAccount: id))
    }

    private func read(_ directory: String) async throws -> Stored? {
        struct Found: Sendable {
            let id: UUID
            let url: String?
            let sealed: Bytes
            let next: Bytes?
        }
        let found = try await context.read { session in
            try session.query(CertificateBook.statements["account"], directory).first.map { row in
                Found(
                    id: try row.get("id"),
                    url: try row.get("url", as: String?.self),
                    sealed: try row.get("sealed"),
                    next: try row.get("next_sealed", as: Bytes?.self)
                )
            }
        }
        return try found.map { found in
            let place = CertificateBook.place(ofAccount: found.id)
            return Stored(
                id: found.id,
                url: found.url,
                key: try AccountKey(rawRepresentation: ring.open(found.sealed.bytes, at: place)),
                next: try found.next.map { try AccountKey(rawRepresentation: ring.open($0.bytes, at: place)) }
            )
        }
    }
}
