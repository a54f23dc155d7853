import FoundationEssentials

/// Follows one chain from its first row to its last and says where it is not what was written.
struct ChainWalk {
    let tenant: UUID?
    private let head: ChainHead?
    private let anchors: [AuditAnchor]
    private var nextAnchor = 0
    /// The place before the row that comes next.
    private var place = 0
    /// What that row has to continue; nil when the row before it is missing or unreadable.
    private var expected: AuditHash? = .genesis
    private var suspects: [Suspect] = []
    /// So much is wrong that where each row came from is no longer looked into.
    private var hasMany = false
    private var findings: [AuditFinding] = []
    private(set) var findingCount = 0
    /// The last row so far; nil when there is none.
    private(set) var chain: AuditReport.Chain?

    init(tenant: UUID?, head: ChainHead?, anchors: [AuditAnchor]) {
        self.tenant = tenant
        self.head = head
        self.anchors = anchors.sorted { $0.seq < $1.seq }
        guard let closed = head?.closed else { return }
        place = closed.seq
        expected = closed.hash
        // An anchor inside of what is gone has nothing to be compared with; one at its end has.
        for anchor in self.anchors.prefix(while: { $0.seq <= closed.seq }) {
            nextAnchor += 1
            if anchor.seq == closed.seq, anchor.hash != closed.hash { note(closed.seq, nil, .rewritten) }
        }
    }

    mutating func take(_ entry: AuditEntry) {
        guard step(to: entry.seq, id: entry.id) else { return }
        let suspect = Suspect(
            entry: entry,
            isEdited: entry.computedHash != entry.hash,
            isUnlinked: expected.map { $0 != entry.previous } ?? false
        )
        if suspect.isEdited || suspect.isUnlinked { suspects.append(suspect) }
        if suspects.count >= Suspect.limit { settleSuspects() }
        compareWithAnchors(entry)
        expected = entry.hash
        chain = AuditReport.Chain(
            tenant: tenant,
            count: (chain?.count ?? 0) + 1,
            seq: entry.seq,
            hash: entry.hash,
            at: entry.at
        )
    }

    mutating func takeUnreadable(seq: Int?, id: Int) {
        guard let seq else {
            note(place + 1, id, .inserted)
            return
        }
        guard step(to: seq, id: id) else { return }
        note(seq, id, .edited)
        expected = nil
    }

    /// Ends the chain.
    ///
    /// - Returns: all findings, in the order of their places.
    mutating func finish() -> [AuditFinding] {
        settleSuspects()
        // Whichever reached furthest tells how much is gone.
        let knownEnd = max(head?.seq ?? 0, anchors.last?.seq ?? 0)
        if place < knownEnd {
            note(place + 1, nil, .cut(knownEnd: knownEnd))
        } else if let head, let chain, chain.seq == head.seq, chain.hash != head.hash {
            note(head.seq, nil, .rewritten)
        }
        if head == nil, chain != nil { note(place, nil, .headless) }
        return findings.sorted { $0.seq < $1.seq }
    }

    /// Moves on to a row's place.
    ///
    /// - Returns: false when another row stands there already.
    private mutating func step(to seq: Int, id: Int) -> Bool {
        guard seq > place else {
            note(seq, id, .inserted)
            return false
        }
        if seq > place + 1 {
            note(place + 1, nil, .deleted(through: seq - 1))
            expected = nil
        }
        if let head, seq > head.seq { note(seq, id, .inserted) }
        place = seq
        return true
    }

    /// An anchor inside a gap has nothing to be compared with; the gap is a finding already.
    private mutating func compareWithAnchors(_ entry: AuditEntry) {
        while nextAnchor < anchors.count, anchors[nextAnchor].seq <= entry.seq {
            let anchor = anchors[nextAnchor]
            if anchor.seq == entry.seq, anchor.hash != entry.hash { note(entry.seq, entry.id, .rewritten) }
            nextAnchor += 1
        }
    }

    private mutating func settleSuspects() {
        for finding in Suspect.findings(suspects, areFew: !hasMany) { note(finding.seq, finding.id, finding.kind) }
        hasMany = hasMany || suspects.count == Suspect.limit
        suspects.removeAll()
    }

    private mutating func note(_ seq: Int, _ id: Int?, _ kind: AuditFinding.Kind) {
        findingCount += 1
        guard findings.count < AuditReport.findingLimit else { return }
        findings.append(AuditFinding(tenant: tenant, seq: seq, id: id, kind: kind))
    }
}
