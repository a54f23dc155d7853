import CygniACME
import CygniJobs
import CygniModel
import CygniPostgres
import FoundationEssentials

/// Carries out one step of a plan, under the lease of its certificate.
struct Worker: Sendable {
    let context: JobContext
    let settings: RenewalSettings
    let book: CertificateBook
    let authorities: Authorities
    let issuer: Issuer
    let deliverer: Deliverer
    let time: RunTime

    /// - Throws: `ItemHeld` for what is left for later, else why it failed.
    func work(_ step: RenewalStep) async throws {
        guard let lease = try await book.lease(step.row) else {
            context.count("taken_elsewhere")
            throw ItemHeld("another run works on it")
        }
        do {
            switch step {
            case .issue(let row, _): try await issue(row, lease)
            case .window(let row): try await WindowQuestion(context, settings, book, authorities, time).ask(row, lease)
            case .deploy(let row): try await deliverer.deliver(row, lease)
            case .probe(let row): try await deliverer.look(row, lease)
            case .look(let row): try await look(row, lease)
            case .schedule(let row, let moment): try await schedule(row, moment, lease)
            case .retire(let row):
                try await book.write(lease) { session in
                    try session.query(CertificateBook.statements["retired"], row.id)
                    try book.audit(
                        row.tenant,
                        "retired",
                        row.name,
                        ["certificate": row.id.text],
                        in: session
                    )
                }
            }
        } catch is CertificateBook.Taken {
            context.count("taken_elsewhere")
            throw ItemHeld("another run works on it")
        } catch {
            try? await book.release(lease)
            throw error
        }
        try await book.release(lease)
    }

    private func issue(_ row: CertificateRow, _ lease: CertificateBook.Lease) async throws {
        do {
            try await issuer.issue(row, lease)
        } catch let held as Held {
            let until = held.until ?? time() + .minutes(1)
            let problem = JSONText(FailureRecord.json(held).text)
            try await book.write(lease) { session in
                _ = try session.query(CertificateBook.statements["wait"], row.id, held.reason.rawValue, until, problem)
            }
            context.count("held_\(held.reason.rawValue)")
            throw ItemHeld("\(held.words); next try at \(until.rfc3339)")
        } catch let error where isOfNames(error) {
            try await fail(row, error, lease)
            throw error
        }
        // What was issued is brought out at once, and under the same lease.
        guard let issued = try await book.row(row.id) else { return }
        try await deliverer.deliver(issued, lease)
    }

    /// Everything but what ends the run, or is somebody else's by now.
    private func isOfNames(_ error: any Error) -> Bool {
        !(error is CancellationError || error is CertificateBook.Taken || error is PostgresError || error is LockLost)
    }

    private func fail(_ row: CertificateRow, _ error: any Error, _ lease: CertificateBook.Lease) async throws {
        let now = time()
        let acme = error as? ACMEError
        // What the CA did wrong is not held against the names.
        let isOfCA = acme.map { $0.isOfCA || $0.problem?.type == "rateLimited" } ?? false
        let failures = isOfCA ? row.failures : row.failures + 1
        let pause =
            isOfCA
            ? min(max(acme?.retryAfter ?? .minutes(1), .minutes(1)), .days(7))
            : RetryPause.pause(failures: failures, quarantineAfter: settings.pace.quarantineAfter)
        let isQuarantined = !isOfCA && failures >= settings.pace.quarantineAfter
        let state = isQuarantined ? "quarantined" : row.state
        let seen = isQuarantined ? try? await issuer.preflight?.look(at: row.names).digest : row.seen
        let lookAt = isQuarantined ? now + settings.pace.lookEvery : nil
        let code = FailureRecord.code(error)
        let problem = JSONText(FailureRecord.json(error).text)
        // An order that is still open at its CA is taken up next time.
        let order = try await book.row(row.id)?.orderID
        let failed = (error as? ValidationFailure)?.name.map { [$0] } ?? []
        let limits = authorities
        try await book.write(lease) { session in
            try session.query(
                CertificateBook.statements["failed"],
                row.id,
                code,
                state,
                failures,
                now,
                problem,
                now + pause,
                lookAt,
                seen,
                order
            )
            if isQuarantined, !row.isQuarantined {
                try book.audit(row.tenant, "quarantined", row.name, ["reason": code], in: session)
            }
            for name in settings.order {
                try QuotaBook.fail(failed, limits.section(name)?.failures, of: name, at: now, in: session)
            }
        }
        context.count("failed_\(code)")
    }

    /// DNS is looked at for a change that is worth another try.
    private func look(_ row: CertificateRow, _ lease: CertificateBook.Lease) async throws {
        let now = time()
        let digest = try await issuer.preflight?.look(at: row.names).digest
        let hasChanged = digest != nil && row.seen != nil && digest != row.seen
        let next = now + settings.pace.lookEvery
        try await book.write(lease) { session in
            _ =
                hasChanged
                ? try session.query(CertificateBook.statements["woken"], row.id, now)
                : try session.query(CertificateBook.statements["looked"], row.id, next)
        }
        if hasChanged { context.count("woken") }
    }

    private func schedule(_ row: CertificateRow, _ moment: Timestamp, _ lease: CertificateBook.Lease) async throws {
        let asks = row.ariID != nil && row.windowNextAt == nil
        let next = asks ? time() : row.windowNextAt
        try await book.write(lease) { session in
            _ = try session.query(CertificateBook.statements["scheduled"], row.id, moment, next, row.probeAt)
        }
    }
}
