import CygniJobs
package import CygniModel
import CygniPostgres
import FoundationEssentials

/// Which certificates an incident is about.
package struct ReplacementFilter: Hashable, Sendable {
    /// Who signed them: a common name.
    package var issuer: String?
    /// The public key, SHA-256, hexadecimal; or the kind of key.
    package var key: String?
    package var from: Timestamp?
    package var until: Timestamp?
    /// The CA moved their windows into the past.
    package var pulled = false
    package var byTraffic = false

    package init() {}

    package var isEmpty: Bool { issuer == nil && key == nil && from == nil && until == nil && !pulled }

    package var words: String {
        var parts: [String] = []
        if let issuer { parts.append("issuer \(issuer)") }
        if let key { parts.append("key \(key)") }
        if let from, let until { parts.append("issued from \(from.rfc3339) to \(until.rfc3339)") }
        if pulled { parts.append("window in the past") }
        return parts.joined(separator: ", ")
    }
}

extension CertificateBook {
    /// In the order in which they are to be replaced: those that end soonest first, or those that are asked for most.
    ///
    /// - Parameter metric: what tells how much a project is asked for, in `cygni.metrics_1h`.
    func matching(_ filter: ReplacementFilter, metric: String) async throws -> [CertificateRow] {
        let now = context.now
        let ids = try await context.read { session in
            try session.query(
                Self.statements["matching"],
                filter.issuer,
                filter.key,
                filter.from,
                filter.until,
                filter.pulled,
                filter.byTraffic,
                metric,
                now
            ).map { try $0.get("id", as: String.self) }
        }
        let rows = try await rows(names: [], all: true, atMost: 0)
        let places = Dictionary(ids.enumerated().map { ($1, $0) }) { first, _ in first }
        return rows.filter { places[$0.id.text] != nil }
            .sorted {
                places[$0.id.text, default: 0] < places[$1.id.text, default: 0]
            }
    }
}
