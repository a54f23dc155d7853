package import CygniJobs
package import CygniModel

/// What is to be done with one certificate.
package enum RenewalStep: Hashable, Sendable {
    /// Its next moment is not decided yet, and has not come.
    case schedule(CertificateRow, at: Timestamp)
    /// The CA is asked when it would like it renewed.
    case window(CertificateRow)
    case issue(CertificateRow, why: Why)
    /// It is there and not yet where it is served, or was not seen there.
    case deploy(CertificateRow)
    case probe(CertificateRow)
    /// Whether the DNS of a certificate in quarantine has changed.
    case look(CertificateRow)
    /// None of its names is wanted any more.
    case retire(CertificateRow)

    /// Why a certificate is ordered.
    package enum Why: String, Hashable, Sendable {
        case first, due, expired, window, replace, retry, resume, woken
    }

    package var row: CertificateRow {
        switch self {
        case .schedule(let row, _), .window(let row), .issue(let row, _), .deploy(let row), .probe(let row),
            .look(let row),
            .retire(let row):
            row
        }
    }

    package var item: PlannedItem {
        let name = row.name
        switch self {
        case .schedule(_, let at): return PlannedItem(id: name, action: "schedule", reason: "renewed at \(at.rfc3339)")
        case .window: return PlannedItem(id: name, action: "ask", reason: "when the CA would like it renewed")
        case .issue(_, let why): return PlannedItem(id: name, action: "issue", reason: words(why))
        case .deploy:
            return PlannedItem(id: name, action: "deploy", reason: row.deployFailures > 0 ? "the last try failed" : nil)
        case .probe: return PlannedItem(id: name, action: "probe", reason: nil)
        case .look: return PlannedItem(id: name, action: "look", reason: "whether its DNS has changed")
        case .retire: return PlannedItem(id: name, action: "retire", reason: "its names were removed from the platform")
        }
    }

    private func words(_ why: Why) -> String {
        switch why {
        case .first: "it has none yet"
        case .due: row.validity.map { "it ends at \($0.notAfter.rfc3339)" } ?? "it is due"
        case .expired: row.validity.map { "it ended at \($0.notAfter.rfc3339)" } ?? "it ended"
        case .window: "the CA's window is open"
        case .replace: "replacement was asked for: \(row.replaceReason ?? "")"
        case .retry: "try \(row.failures + 1)"
        case .resume: "an order in hand is taken up again"
        case .woken: "its DNS has changed"
        }
    }
}
