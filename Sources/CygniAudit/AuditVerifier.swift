import FoundationEssentials

/// Recomputes chains from rows that come ordered by tenant and place; keeps one chain's state at a time.
struct AuditVerifier {
    private var heads: [UUID?: ChainHead]
    private var anchors: [UUID?: [AuditAnchor]]
    private var walk: ChainWalk?
    private var report = AuditReport()

    init(heads: [ChainHead], anchors: [AuditAnchor]) {
        self.heads = Dictionary(heads.map { ($0.tenant, $0) }) { first, _ in first }
        self.anchors = Dictionary(grouping: anchors, by: \.tenant)
    }

    mutating func take(_ entry: AuditEntry) {
        enter(entry.tenant)
        walk?.take(entry)
    }

    /// Notes a row that cannot be read as an entry: it has no place, or a time of `infinity`.
    mutating func takeUnreadable(tenant: UUID?, seq: Int?, id: Int) {
        enter(tenant)
        walk?.takeUnreadable(seq: seq, id: id)
    }

    /// Ends the last chain and looks for those that are known to have existed and have no row left.
    mutating func finish() -> AuditReport {
        leave()
        let gone = Set(heads.keys).union(anchors.keys)
        for tenant in gone.sorted(by: { ($0?.uuidString ?? "~") < ($1?.uuidString ?? "~") }) {
            enter(tenant)
        }
        leave()
        return report
    }

    private mutating func enter(_ tenant: UUID?) {
        if let walk, walk.tenant == tenant { return }
        leave()
        walk = ChainWalk(
            tenant: tenant,
            head: heads.removeValue(forKey: tenant),
            anchors: anchors.removeValue(forKey: tenant) ?? []
        )
    }

    private mutating func leave() {
        guard var ending = walk else { return }
        walk = nil
        let findings = ending.finish()
        report.findingCount += ending.findingCount
        report.findings += findings.prefix(AuditReport.findingLimit - report.findings.count)
        if let chain = ending.chain { report.chains.append(chain) }
    }
}
