import CygniACME
import CygniJobs
import CygniModel
import CygniPostgres
import FoundationEssentials

/// What a CA issued is looked at before it is believed, then kept with all that follows from it.
extension Issuer {
    /// The chain that the settings prefer, else the CA's own choice.
    func chain(
        _ url: String,
        _ open: CertificateBook.OpenOrder,
        _ ready: Authorities.Ready
    ) async throws -> (pem: String, facts: LeafFacts) {
        let (pem, alternates) = try await ready.client.chain(at: url, ready.account)
        var best = (pem: pem, facts: try LeafFacts(pem: pem))
        if let wanted = ready.section.preferredChain, !best.facts.isSigned(by: wanted) {
            for alternate in alternates {
                let (other, _) = try await ready.client.chain(at: alternate, ready.account)
                let facts = try LeafFacts(pem: other)
                if facts.isSigned(by: wanted), facts.fingerprint == best.facts.fingerprint {
                    best = (other, facts)
                    break
                }
            }
        }
        guard best.facts.spki == (try open.key.spki()) else {
            throw ACMEError.malformed("a certificate for another key than the one that was sent")
        }
        let missing = Set(open.names.map { CertificateName($0).identifier.value }).subtracting(best.facts.names)
        guard missing.isEmpty else {
            throw ACMEError.malformed("a certificate without \(missing.sorted().joined(separator: ", "))")
        }
        return best
    }

    func keep(
        _ pem: String,
        _ facts: LeafFacts,
        _ open: CertificateBook.OpenOrder,
        _ row: CertificateRow,
        _ lease: CertificateBook.Lease,
        _ ready: Authorities.Ready
    ) async throws {
        let now = time()
        let window = await window(of: facts, ready)
        let moment = RenewalMoment.choose(
            facts.validity,
            window: window.map { SuggestedWindow(start: $0.start, end: $0.end) },
            old: nil,
            chosen: nil,
            chance: .random(in: 0..<1)
        )
        let asks = facts.ariID != nil && ready.offers.renewalInfo != nil
        let next = asks ? WindowRhythm.next(now, retryAfter: window?.retryAfter, every: settings.pace.askWindow) : nil
        try await book.write(lease) { session in
            try session.query(
                CertificateBook.statements["issued"],
                row.id,
                ready.name,
                open.keyID,
                facts.serial,
                facts.fingerprint,
                facts.ariID,
                facts.validity.notBefore,
                facts.validity.notAfter,
                pem,
                facts.issuer,
                moment,
                window?.start,
                window?.end,
                next,
                window?.explanation
            )
            try session.query(CertificateBook.statements["end_order"], open.id, "issued", JSONText?.none)
            try book.audit(
                row.tenant,
                "issued",
                row.name,
                [
                    "certificate": row.id.text, "authority": ready.name, "serial": facts.serial,
                    "fingerprint": facts.fingerprint, "not_after": facts.validity.notAfter.rfc3339,
                    "replaces": row.fingerprint,
                ],
                in: session
            )
            _ = try session.query(CertificateBook.statements["forget_keys"], row.id)
        }
    }

    /// Asked right after issuing; what fails here is asked again later.
    private func window(of facts: LeafFacts, _ ready: Authorities.Ready) async -> RenewalInfo? {
        guard let id = facts.ariID, ready.offers.renewalInfo != nil else { return nil }
        return try? await ready.client.renewalInfo(id)
    }
}

extension LeafFacts {
    func isSigned(by name: String) -> Bool { root == name || issuer == name }
}
