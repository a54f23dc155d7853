import FoundationEssentials

/// A row that does not hold by itself or does not continue the row before it.
struct Suspect {
    let entry: AuditEntry
    /// Its content does not give its hash.
    let isEdited: Bool
    /// It does not continue the row before it.
    let isUnlinked: Bool

    /// How many are looked at together. Each is tried in the place of each other, so the work grows with the square.
    static let limit = 64

    /// Names what happened to these rows of one chain.
    ///
    /// An edited row alone says no more than that. It is only by finding that a row fits elsewhere that a swap, a shift
    /// after an insertion and one after a deletion can be told from an edit; with `areFew` false that is not tried.
    static func findings(_ suspects: [Suspect], areFew: Bool) -> [AuditFinding] {
        var origins: [Int: Int] = [:]
        for suspect in suspects where suspect.isEdited && areFew {
            origins[suspect.entry.seq] = suspect.origin(among: suspects)
        }
        var claimed = Set(origins.values)
        var findings = suspects.map { suspect in
            let seq = suspect.entry.seq
            // A row whose own place is that of a row found elsewhere has pushed that one aside.
            let wasPushedIn = origins[seq] == nil && claimed.remove(seq) != nil
            let kind: AuditFinding.Kind =
                if let origin = origins[seq] {
                    .moved(from: origin)
                } else if wasPushedIn {
                    .inserted
                } else {
                    suspect.isEdited ? .edited : .unlinked
                }
            return AuditFinding(tenant: suspect.entry.tenant, seq: seq, id: suspect.entry.id, kind: kind)
        }
        findings += shiftFindings(origins, tenant: suspects.first?.entry.tenant, found: findings)
        return findings
    }

    /// Where a run of rows moved up by one place began or moved down by one, a row was taken out or put in.
    private static func shiftFindings(
        _ origins: [Int: Int],
        tenant: UUID?,
        found: [AuditFinding]
    ) -> [AuditFinding] {
        let claimed = Set(origins.values)
        let inserted = Set(found.filter { $0.kind == .inserted }.map(\.seq))
        return origins.compactMap { seq, origin -> AuditFinding? in
            if origin == seq + 1, !claimed.contains(seq) {
                return AuditFinding(tenant: tenant, seq: seq, id: nil, kind: .deleted(through: seq))
            }
            if origin == seq - 1, origins[origin] == nil, !inserted.contains(origin) {
                return AuditFinding(tenant: tenant, seq: origin, id: nil, kind: .inserted)
            }
            return nil
        }
    }

    /// The place this row was written for; nil when it fits nowhere.
    private func origin(among suspects: [Suspect]) -> Int? {
        // The row was renumbered and kept its hash.
        var places = [entry.seq - 1, entry.seq + 1]
        places += suspects.map(\.entry.seq).filter { abs($0 - entry.seq) > 1 }
        for place in places {
            var candidate = entry
            candidate.seq = place
            if candidate.computedHash == entry.hash { return place }
        }
        // The content was carried to the place of another row, whose hash and links stayed; its time may have stayed too.
        for other in suspects where other.isEdited && other.entry.seq != entry.seq {
            var candidate = other.entry
            candidate.actor = entry.actor
            candidate.action = entry.action
            candidate.subject = entry.subject
            candidate.details = entry.details
            if candidate.computedHash == other.entry.hash { return other.entry.seq }
            candidate.at = entry.at
            if candidate.computedHash == other.entry.hash { return other.entry.seq }
        }
        return nil
    }
}
