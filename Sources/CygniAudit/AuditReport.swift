package import CygniModel
package import FoundationEssentials

/// What a verification found.
package struct AuditReport: Sendable {
    /// The last row of one chain and how many it has.
    package struct Chain: Hashable, Sendable {
        /// nil is the platform's own chain.
        package var tenant: UUID?
        package var count: Int
        package var seq: Int
        package var hash: AuditHash
        package var at: Timestamp
    }

    /// The chains that have rows, by tenant, the platform's last.
    package var chains: [Chain] = []
    /// The findings, in the order of chains and places; at most ``findingLimit``.
    package var findings: [AuditFinding] = []
    /// How many findings there are, those past the limit included.
    package var findingCount = 0

    /// A rewritten log of a million rows is one finding to a reader, not a million.
    package static let findingLimit = 1000

    package var isIntact: Bool { findingCount == 0 }

    /// How many rows were recomputed.
    package var entryCount: Int { chains.reduce(0) { $0 + $1.count } }

    /// Where the chains end, to be kept outside of the database. Worth something only when the report is intact.
    package var anchors: [AuditAnchor] {
        chains.map { AuditAnchor(tenant: $0.tenant, seq: $0.seq, hash: $0.hash, at: $0.at, count: $0.count) }
    }
}
