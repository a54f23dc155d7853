import CygniACME
import CygniDNS
import CygniJobs
import CygniLog
import CygniModel
import Logging

/// Gets one certificate: an order in hand is ended first, else the CAs are asked in turn.
struct Issuer: Sendable {
    let context: JobContext
    let settings: RenewalSettings
    let book: CertificateBook
    let authorities: Authorities
    let validator: Validator
    let preflight: Preflight?
    let time: RunTime

    /// - Throws: ``Held``, ``Unfit``, ``ValidationFailure``, `ACMEError`.
    func issue(_ row: CertificateRow, _ lease: CertificateBook.Lease) async throws {
        if let open = try await book.openOrder(row), try await resume(open, row, lease) { return }
        guard row.removed.isEmpty else {
            throw Unfit(
                reason: .removed,
                description: "\(row.removed.joined(separator: ", ")): removed from the platform, or in quarantine"
            )
        }
        for name in row.names where !CertificateName(name).isWellFormed {
            throw Unfit(
                reason: .badName,
                description: "'\(name)' is no host name: letters, digits and hyphens, a star in front at most"
            )
        }
        for name in row.names where validator.responders.kind(for: CertificateName(name)) == nil {
            throw Validator.noChallenge(name)
        }
        let facts = try await preflight?.look(at: row.names)
        if let missing = facts?.missing.first {
            try stopOrWarn(row, Unfit(reason: .noSuchDomain, description: "there is no domain \(missing)"))
        }
        try await askInTurn(row, lease, facts)
    }

    private func askInTurn(_ row: CertificateRow, _ lease: CertificateBook.Lease, _ facts: Preflight.Facts?)
        async throws
    {
        let open = authorities.open(at: time())
        guard !open.names.isEmpty else {
            throw Held(
                reason: .authorities,
                until: open.reopens,
                words: settings.authorities.isEmpty
                    ? "no CA is configured: name one under authorities in jobs/cert-renew.yaml"
                    : "all CAs are left alone for now, as they failed or asked for it"
            )
        }
        var last: (any Error)?
        var waits: [Held] = []
        for name in open.names {
            do {
                let ready = try await authorities.get(name)
                let kinds = row.names.compactMap { text in
                    validator.responders.kind(for: CertificateName(text)).map { (text, $0) }
                }
                if let facts,
                    let refusal = Preflight.refusal(facts, ready, Dictionary(kinds) { first, _ in first })
                {
                    try stopOrWarn(row, Unfit(reason: .forbidden, description: refusal))
                }
                return try await order(row, lease, ready)
            } catch let error as ACMEError {
                if error.isOfCA, error.problem?.isLimitOfNames != true { _ = try await authorities.failed(name, error) }
                guard mayAskAnother(error) else { throw error }
                last = error
            } catch let error as Unfit where error.reason == .forbidden {
                last = last ?? error
            } catch let error as Held where error.reason == .quota {
                waits.append(error)
                last = error
            }
            context.logger.notice(
                "another CA is asked",
                metadata: .init([.item: row.name, .error: last.map { Redacted.words($0) } ?? ""])
            )
        }
        if let soonest = waits.min(by: { ($0.until ?? time()) < ($1.until ?? time()) }) { throw soonest }
        throw last ?? Held(reason: .authorities, until: nil, words: "no CA could be asked")
    }

    private func stopOrWarn(_ row: CertificateRow, _ fault: Unfit) throws {
        guard settings.preflight == .warn else { throw fault }
        context.logger.warning(
            "a look before the order found a fault",
            metadata: .init([.item: row.name, .error: fault.description])
        )
    }

    /// What the CA says is about itself or its own policy, and not about who holds the name.
    private func mayAskAnother(_ error: ACMEError) -> Bool {
        if error.isOfCA { return true }
        guard let type = error.problem?.type else { return true }
        return [
            "rejectedIdentifier", "caa", "unsupportedIdentifier", "externalAccountRequired", "unauthorized",
            "userActionRequired",
        ]
        .contains(type)
    }
}
