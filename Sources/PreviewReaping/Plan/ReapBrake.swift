import CygniBrake

/// Tells when a plan must be approved by a person.
struct ReapBrake {
    let settings: BrakeSection
    /// What the sides did not tell.
    let faults: [SideFault]
    let engines: EngineFacts
    let forges: ForgeFacts
    /// Live previews, and those that were marked.
    let live: Int
    let marked: Int
    /// Previews that an engine should have something of, by its name; under "" those that name none.
    let expected: [String: Int]

    /// Why `plan` must be approved: what is not known, and how much would go.
    func reasons(for plan: ReapPlan) -> (blind: [String], much: [String]) {
        let losses = plan.entries.filter(\.isLoss)
        guard !losses.isEmpty else { return ([], []) }
        let emptiness = settings.partial ? empty(losses) : []
        // What was marked was counted then.
        let going = losses.count { if case .reap = $0.step { false } else { true } }
        return (
            settings.reasons(faults: faults.filter { !$0.isLocal }.map(\.text)) + emptiness,
            settings.reasons(going: going, of: live, "live previews")
        )
    }

    /// A side that is suddenly empty is more likely another one than the one it was.
    private func empty(_ losses: [ReapPlan.Entry]) -> [String] {
        var reasons: [String] = []
        for engine in engines.empty {
            let count = expected[engine, default: 0]
            if count > 0 {
                reasons.append("engine \(engine) has nothing of ours, and \(count) previews should run there")
            }
        }
        let unnamed = expected["", default: 0]
        if unnamed > 0, engines.silent.isEmpty, !engines.answered.isEmpty, engines.objects.isEmpty {
            reasons.append("no engine has anything of ours, and \(unnamed) previews have a runtime_ref")
        }
        for (forge, asked) in forges.withoutOpenPullRequests where asked >= max(1, settings.atLeast) {
            reasons.append("forge \(forge) knows no open pull request at all, and was asked after \(asked)")
        }
        let orphans = losses.count { if case .removeOrphan = $0.step { true } else { false } }
        if orphans > 0, live + marked == 0 {
            reasons.append("the ledger has no preview at all, and engines have \(engines.objects.count) things of ours")
        }
        return reasons
    }
}
