import CygniACME
import CygniJobs
import CygniLog
import CygniModel
import CygniPostgres
import Logging

/// Asks the CA that issued a certificate when it would like it renewed (RFC 9773), and keeps the moment that is chosen.
struct WindowQuestion: Sendable {
    private let context: JobContext
    private let settings: RenewalSettings
    private let book: CertificateBook
    private let authorities: Authorities
    private let time: RunTime

    init(
        _ context: JobContext,
        _ settings: RenewalSettings,
        _ book: CertificateBook,
        _ authorities: Authorities,
        _ time: RunTime
    ) {
        (self.context, self.settings, self.book) = (context, settings, book)
        (self.authorities, self.time) = (authorities, time)
    }

    func ask(_ row: CertificateRow, _ lease: CertificateBook.Lease) async throws {
        guard let validity = row.validity, let id = row.ariID, let name = row.authority,
            let client = authorities.client(name), validity.notAfter > time()
        else {
            // It has ended, or nobody is left to be asked.
            try await keep(row, lease, row.window, nil, failures: 0, next: nil, moment: row.nextAttemptAt)
            return
        }
        do {
            guard let info = try await client.renewalInfo(id) else {
                try await keep(
                    row,
                    lease,
                    nil,
                    nil,
                    failures: 0,
                    next: time() + settings.pace.askWindow,
                    moment: row.nextAttemptAt
                )
                return
            }
            let window = SuggestedWindow(start: info.start, end: info.end)
            let moment = RenewalMoment.choose(
                validity,
                window: window,
                old: row.window,
                chosen: row.nextAttemptAt,
                chance: .random(in: 0..<1)
            )
            if window != row.window, row.window != nil {
                context.count("windows_moved")
                context.logger.notice(
                    "a CA moved the window of a certificate",
                    metadata: .init([.item: row.name, .reason: info.explanation ?? "without an explanation"])
                )
            }
            let next = WindowRhythm.next(time(), retryAfter: info.retryAfter, every: settings.pace.askWindow)
            try await keep(row, lease, window, info.explanation, failures: 0, next: next, moment: moment)
            context.count("windows_asked")
        } catch let error as ACMEError {
            let failures = row.windowFailures + 1
            let isTransient = if case .unreachable = error { true } else { false }
            let next = WindowRhythm.next(
                time(),
                failures: failures,
                isTransient: isTransient,
                retryAfter: error.retryAfter
            )
            // What was chosen stands.
            try await keep(row, lease, row.window, nil, failures: failures, next: next, moment: row.nextAttemptAt)
            context.count("windows_not_told")
            context.logger.notice(
                "a CA did not tell its window",
                metadata: .init([.item: row.name, .error: Redacted.words(error)])
            )
        }
    }

    private func keep(
        _ row: CertificateRow,
        _ lease: CertificateBook.Lease,
        _ window: SuggestedWindow?,
        _ explanation: String?,
        failures: Int,
        next: Timestamp?,
        moment: Timestamp?
    ) async throws {
        try await book.write(lease) { session in
            _ = try session.query(
                CertificateBook.statements["window"],
                row.id,
                window?.start,
                window?.end,
                explanation,
                failures,
                next,
                moment
            )
        }
    }
}
