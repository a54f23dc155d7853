import CygniACME
import CygniJobs
import CygniModel
import CygniPostgres
import CygniSecrets
import FoundationEssentials

/// Carries out what an operator asked for beside renewing.
struct Chores: Sendable {
    let context: JobContext
    let settings: RenewalSettings
    let book: CertificateBook
    let authorities: Authorities

    func work(_ chore: Chore) async throws {
        switch chore {
        case .replace(let rows, let reason): try await mark(rows, reason)
        case .revoke(let row, let reason, let replaces): try await revoke(row, reason, replaces)
        case .importing(let found): try await take(found)
        case .export(let row, let folder): try await export(row, folder)
        case .changeAccountKey(let name): try await changeKey(name)
        case .rewrap(let table, _): try await Rewrapping(context: context, ring: book.ring).rewrap(table)
        }
    }

    private func mark(_ rows: [CertificateRow], _ reason: String) async throws {
        let ids = rows.map { $0.id.text }
        let marked = try await context.transaction { session in
            try session.query(CertificateBook.statements["mark"], ids, reason).count
        }
        context.count("marked", marked)
        context.crashPoint("cert.marked")
    }

    private func revoke(_ row: CertificateRow, _ reason: RevocationReason, _ replaces: Bool) async throws {
        guard let name = row.authority, let material = try await book.material(row.id) else {
            throw DeployFault("\(row.name) was not issued by a CA of the settings")
        }
        let facts = try LeafFacts(pem: material.chain)
        guard let lease = try await book.lease(row) else { throw ItemHeld("another run works on it") }
        let ready = try await authorities.get(name)
        try await ready.client.revoke(facts.der, reason: reason.number, ready.account)
        context.crashPoint("cert.revoked")
        try await book.write(lease) { session in
            try session.query(CertificateBook.statements["revoked"], row.id, reason.number, replaces, reason.rawValue)
            try book.audit(
                row.tenant,
                "revoked",
                row.name,
                ["reason": reason.rawValue, "serial": row.serial, "fingerprint": row.fingerprint],
                in: session
            )
        }
        try await book.release(lease)
        context.count("revoked")
    }

    /// What is known already, by its fingerprint, is left as it is.
    private func take(_ found: ImportedCertificate) async throws {
        let (id, keyID) = (UUID(), UUID())
        let sealed = try book.ring.seal(Array(found.key.reveal().utf8), at: CertificateBook.place(ofKey: keyID))
        let type = try CertificateKey(pem: found.key.reveal()).type.rawValue
        let version = book.ring.current ?? ""
        let facts = found.facts
        let moment = RenewalMoment.choose(facts.validity, window: nil, old: nil, chosen: nil, chance: 0)
        // Who issued it is known by the CA's own name for itself alone; a window is asked for once one of ours renews it.
        let isNew = try await context.transaction { session -> Bool in
            let row = try session.query(
                CertificateBook.statements["import"],
                id,
                found.names,
                keyID,
                facts.serial,
                facts.fingerprint,
                facts.ariID,
                facts.validity.notBefore,
                facts.validity.notAfter,
                found.chain,
                facts.issuer,
                moment
            ).first
            guard row != nil else { return false }
            try book.audit(
                nil,
                "imported",
                found.names[0],
                ["path": found.path, "fingerprint": facts.fingerprint],
                in: session
            )
            _ = try session.query(
                CertificateBook.statements["begin_key"],
                keyID,
                id,
                type,
                facts.spki,
                Bytes(sealed),
                version
            )
            return true
        }
        context.count(isNew ? "imported" : "known_already")
    }

    private func export(_ row: CertificateRow, _ folder: String) async throws {
        guard let material = try await book.material(row.id) else {
            throw DeployFault("\(row.name) has no certificate yet")
        }
        guard let key = material.key else { throw DeployFault("the key of \(row.name) is not kept here") }
        let facts = try LeafFacts(pem: material.chain)
        // A key leaves: who looks later finds out when.
        try await context.transaction { session in
            try book.audit(
                row.tenant,
                "exported",
                row.name,
                ["folder": folder, "fingerprint": facts.fingerprint],
                in: session
            )
        }
        let deployer = FileDeployer(directory: folder, owner: nil, group: nil, keyMode: 0o600)
        try await deployer.deploy(
            Delivery(
                names: row.names,
                leaf: facts.leafPEM,
                intermediates: facts.intermediates,
                key: Secret(key),
                fingerprint: facts.fingerprint,
                notAfter: facts.validity.notAfter
            )
        )
    }

    private func changeKey(_ name: String) async throws {
        guard let section = settings.authorities[name], let client = authorities.client(name) else {
            throw JobFailure("there is no CA '\(name)' in jobs/cert-renew.yaml", status: .usage)
        }
        try await AccountBook(context: context, ring: book.ring).change(name, section, client)
        context.count("account_keys_changed")
    }
}
