import CygniACME
import CygniJobs
import CygniModel
import FoundationEssentials

/// One order, from the first word to the certificate (RFC 8555, section 7.4).
extension Issuer {
    func order(_ row: CertificateRow, _ lease: CertificateBook.Lease, _ ready: Authorities.Ready) async throws {
        let replaces = row.isIssued && row.authority == ready.name && ready.offers.renewalInfo != nil ? row.ariID : nil
        let begun = try await book.begin(
            row,
            lease,
            authority: ready.name,
            ready.section,
            keyType: row.keyType ?? settings.keyType,
            replaces: replaces,
            claims: claims(row, replaces: replaces, ready.section)
        )
        switch begun {
        case .wait(let until, let bucket):
            throw Held(
                reason: .quota,
                until: until,
                words: "the limit '\(bucket)' of \(ready.name) is used up until \(until.rfc3339)"
            )
        case .order(var open):
            let order: ACMEOrder
            do {
                order = try await place(&open, row, ready)
            } catch {
                let problem = FailureRecord.json(error, authority: ready.name)
                try await book.drop(open, lease, as: "failed", problem: problem)
                throw error
            }
            context.crashPoint("cert.ordered")
            try await book.keepURL(open, lease)
            try await finish(open, order, row, lease, ready)
        }
    }

    /// What an order takes of a CA's limits.
    private func claims(_ row: CertificateRow, replaces: String?, _ section: AuthoritySection) -> [QuotaClaim] {
        QuotaClaim.claims(
            replaces != nil ? .replacement : row.isIssued ? .renewal : .first(isNewTenant: row.isNewTenant),
            names: row.names,
            registered: Set(row.names.map { CertificateName($0).registered }).sorted(),
            section,
            headroom: Double(settings.pace.headroom) / 100
        )
    }

    /// Asks for the order; once more without what it replaces, where the CA says that something else did.
    private func place(
        _ open: inout CertificateBook.OpenOrder,
        _ row: CertificateRow,
        _ ready: Authorities.Ready
    ) async throws -> ACMEOrder {
        var wish = ACMEClient.Wish(row.names.map { CertificateName($0).identifier }, replaces: open.replaces)
        let profile = row.profile ?? ready.section.profile
        // A CA without profiles is not bothered with one.
        if let profile, ready.offers.meta?.profiles?[profile] != nil { wish.profile = profile }
        do {
            let (url, order) = try await ready.client.order(wish, ready.account)
            open.url = url
            return order
        } catch let error as ACMEError where wish.replaces != nil && Self.isAboutReplacing(error) {
            wish.replaces = nil
            open.replaces = nil
            let (url, order) = try await ready.client.order(wish, ready.account)
            open.url = url
            return order
        }
    }

    /// RFC 9773, section 5: `alreadyReplaced`, and whatever else a CA says of the certificate that is replaced.
    private static func isAboutReplacing(_ error: ACMEError) -> Bool {
        guard let problem = error.problem else { return false }
        return problem.type == "alreadyReplaced" || problem.status == 409
            || (["malformed", "unauthorized"].contains(problem.type) && problem.detail.lowercased().contains("replac"))
    }

    /// Takes up an order that another attempt began.
    ///
    /// - Returns: whether it came to a certificate; else it is over, and a new one is in place.
    func resume(_ kept: CertificateBook.OpenOrder, _ row: CertificateRow, _ lease: CertificateBook.Lease) async throws
        -> Bool
    {
        var open = kept
        open.claims = authorities.section(kept.authority).map { claims(row, replaces: kept.replaces, $0) } ?? []
        guard let url = open.url else {
            try await book.drop(open, lease, as: "lost", problem: nil)
            return false
        }
        let ready: Authorities.Ready
        let order: ACMEOrder
        do {
            ready = try await authorities.get(open.authority)
            order = try await ready.client.order(at: url, ready.account).order
        } catch let error as ACMEError where error.problem != nil || row.isUrgent(at: time()) {
            // Unknown there by now, or its CA is gone for too long.
            let problem = FailureRecord.json(error, authority: open.authority)
            try await book.drop(open, lease, as: "failed", problem: problem)
            return false
        }
        guard order.status != .invalid, open.names == row.names else {
            let problem = order.problem.map { FailureRecord.json($0, authority: open.authority) }
            try await book.drop(open, lease, as: "failed", problem: problem)
            return false
        }
        context.count("orders_resumed")
        try await finish(open, order, row, lease, ready)
        return true
    }

    /// From an order that the CA has to a certificate that we have.
    private func finish(
        _ open: CertificateBook.OpenOrder,
        _ first: ACMEOrder,
        _ row: CertificateRow,
        _ lease: CertificateBook.Lease,
        _ ready: Authorities.Ready
    ) async throws {
        guard let url = open.url else { return }
        var order = first
        do {
            if order.status == .pending { order = try await validator.validate(order, at: url, ready) }
            context.crashPoint("cert.validated")
            if order.status == .ready {
                let csr = try open.key.request(open.names)
                order = try await ready.client.finalize(order, csr: csr, ready.account)
            }
            context.crashPoint("cert.finalized")
            order = try await settled(order, url, ready)
        } catch {
            // An order of a CA that can't be reached now may still come to its end.
            let isOver =
                (error as? ACMEError).map { !$0.isOfCA || $0.problem != nil } ?? !(error is CertificateBook.Taken)
            if isOver, !(error is CancellationError) {
                let problem = FailureRecord.json(error, authority: ready.name)
                try await book.drop(open, lease, as: "failed", problem: problem)
            }
            throw error
        }
        guard order.status == .valid, let certificate = order.certificate else {
            let problem =
                order.problem ?? ACMEProblem(type: "serverInternal", detail: "the order ended without a certificate")
            try await book.drop(open, lease, as: "failed", problem: FailureRecord.json(problem, authority: ready.name))
            throw ACMEError.problem(problem, retryAfter: nil)
        }
        let (pem, facts) = try await chain(certificate, open, ready)
        context.crashPoint("cert.downloaded")
        try await keep(pem, facts, open, row, lease, ready)
        try await authorities.succeeded(ready.name)
        context.count("issued")
        context.crashPoint("cert.stored")
    }

    private func settled(_ order: ACMEOrder, _ url: String, _ ready: Authorities.Ready) async throws -> ACMEOrder {
        var order = order
        var pause: Duration?
        var polling = Polling(for: .seconds(180))
        while order.status == .processing || order.status == .ready {
            guard try await polling.wait(retryAfter: pause) else {
                throw ACMEError.tooSlow("the certificate was not made within 180 s")
            }
            (order, pause) = try await ready.client.order(at: url, ready.account)
        }
        return order
    }
}

extension CertificateRow {
    /// What it has ends too soon to wait for anybody.
    func isUrgent(at now: Timestamp) -> Bool { validity.map { $0.emergency <= now } ?? (failures > 0) }
}
