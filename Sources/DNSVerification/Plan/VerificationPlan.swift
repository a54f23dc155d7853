package import CygniJobs
import CygniModel

/// What a run means to write: what became of every domain that it looked at.
package struct VerificationPlan: JobPlan {
    /// Those that change first, then those with which something is wrong.
    package let looked: [Looked]
    /// Where their evidence is.
    let spool: LineSpool?
    /// Names of certificates that lead elsewhere.
    package let astray: [String]
    /// Why nothing may be written.
    package let alarm: FlipGuard.Alarm?
    /// How many it would let go.
    package let flips: Int
    package var answer: PlanAnswer?

    init(_ looked: [Looked], _ spool: LineSpool, astray: [String], flipGuard: FlipGuard, allowed: Int?) {
        self.looked = looked.sorted { ($0.rank, $0.row.name) < ($1.rank, $1.row.name) }
        self.spool = spool
        self.astray = astray
        let flips = looked.compactMap(\.flip)
        self.flips = flips.count
        let inService = looked.filter(\.row.isInService)
        let served = Dictionary(grouping: inService, by: \.servedBy).mapValues(\.count)
        let alarm = flipGuard.alarm(flips, inService: inService.count, served: served)
        self.alarm = flips.count <= allowed ?? -1 ? nil : alarm
    }

    /// An answer to a question.
    package init(_ answer: PlanAnswer) {
        (looked, spool, astray, alarm, flips) = ([], nil, [], nil, 0)
        self.answer = answer
    }

    package var size: Int { looked.count }

    package var items: [PlannedItem] { looked.map(\.item) }

    package var kept: [PlannedItem] {
        let names = astray.map {
            PlannedItem(id: $0, action: "watch", reason: "a certificate names it, and it does not lead here")
        }
        return (alarm.map { [PlannedItem(id: "all", action: "hold", reason: $0.words)] } ?? []) + names
    }

    package var counts: [String: Int] {
        guard answer == nil else { return [:] }
        var counts = [
            "looked_at": looked.count, "unknown": looked.count(where: \.outcome.isUnknown), "flips": flips,
            "certificates_astray": astray.count,
        ]
        for looked in looked { counts["state_\(looked.outcome.after.state.rawValue)", default: 0] += 1 }
        for looked in looked where looked.isChange {
            counts["to_\(looked.outcome.after.state.rawValue)", default: 0] += 1
        }
        for concern in looked.flatMap(\.outcome.concerns) {
            counts["concern_\(concern.code.rawValue)", default: 0] += 1
        }
        return counts
    }
}

extension Looked {
    /// What matters comes first, as a report may be cut off; and who leaves service before who comes into it.
    fileprivate var rank: Int {
        flip != nil ? 0 : isChange ? 1 : outcome.fix != nil ? 2 : outcome.concerns.isEmpty ? 4 : 3
    }
}

extension FlipGuard.Alarm {
    /// For a person, with what to do.
    package var words: String {
        switch self {
        case .many(let flips, let all): "\(flips) of the \(all) domains in service that were looked at would leave it"
        case .provider(let name, let flips, let all):
            "\(flips) of the \(all) domains in service that \(name) serves would leave it"
        }
    }
}
