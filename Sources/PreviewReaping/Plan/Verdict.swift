package import CygniModel

/// Why a preview ends.
package enum Rule: String, CaseIterable, Sendable {
    case expiresAt = "expires_at"
    case ttl, idle, failed, cancelled, limit, lost
    case closed = "pull_request_closed"
    case merged = "pull_request_merged"
    case branchGone = "branch_gone"

    /// Whether somebody ended it, and knows, or nothing was there any more: nobody needs time to be told.
    var isKnown: Bool {
        switch self {
        case .closed, .merged, .branchGone, .lost: true
        case .expiresAt, .ttl, .idle, .failed, .cancelled, .limit: false
        }
    }
}

/// What policy says of a preview now.
package enum Verdict: Hashable, Sendable {
    /// Nothing ends it, at the earliest at that moment.
    case lives(until: Timestamp?, by: Rule?)
    /// Something would end it, or might, but it is kept.
    case stays(String)
    /// A side that must be asked did not tell.
    case unknown(String)
    case ends(Rule, String)
}

/// Decides for the previews of one project.
package struct Judge: Sendable {
    let policy: Policy
    let facts: ForgeFacts
    let now: Timestamp
    let places: Places

    package init(policy: Policy, facts: ForgeFacts, now: Timestamp, places: Places) {
        self.policy = policy
        self.facts = facts
        self.now = now
        self.places = places
    }

    /// - Parameter previews: all of the project's that are not reaped.
    package func verdicts(_ previews: [Preview]) -> [Verdict] {
        let newest = previews.indices.sorted {
            (previews[$0].createdAt, previews[$0].name) > (previews[$1].createdAt, previews[$1].name)
        }
        let spared = spared(previews, newest)
        var verdicts = previews.indices.map { verdict(previews[$0], isSpared: spared.contains($0)) }
        guard let limit = policy.limit else { return verdicts }
        // The newest come first; what ends, or is half deleted, takes no place.
        var places = 0
        for index in newest where !previews[index].isBegun {
            switch verdicts[index] {
            case .ends: continue
            case .lives:
                places += 1
                if places > limit, !spared.contains(index) {
                    verdicts[index] = .ends(
                        .limit,
                        "the project has more than \(limit) previews, and this is one of the oldest"
                    )
                }
            case .stays, .unknown: places += 1
            }
        }
        return verdicts
    }

    private func spared(_ previews: [Preview], _ newest: [Int]) -> Set<Int> {
        var spared: Set<Int> = []
        var perBranch: [String: Int] = [:]
        var count = 0
        for index in newest where previews[index].standing == .ready && !previews[index].isBegun {
            if let branch = previews[index].branch, perBranch[branch, default: 0] < policy.keepPerBranch {
                perBranch[branch, default: 0] += 1
                spared.insert(index)
            }
            if count < policy.keepPerProject {
                count += 1
                spared.insert(index)
            }
        }
        return spared
    }

    private func verdict(_ preview: Preview, isSpared: Bool) -> Verdict {
        if preview.isPinned { return .stays("pinned") }
        if preview.isProtected { return .stays("protected") }
        if let alias = preview.aliases.first { return .stays("the alias \(alias.printable) leads to it") }
        if let branch = preview.branch, policy.protects(branch) {
            return .stays("branch \(branch.printable) is protected")
        }
        let standing = preview.standing
        guard standing != .queued, standing != .building else { return .stays("it is \(standing.rawValue)") }
        if let why = places.unknown(preview) { return .unknown(why) }
        if let verdict = forgeVerdict(preview) { return verdict }
        return clockVerdict(preview, isSpared: isSpared)
    }

    /// What the forge says; nil: nothing that matters.
    private func forgeVerdict(_ preview: Preview) -> Verdict? {
        guard let repository = preview.repository, let facts = facts.repositories[repository] else { return nil }
        if let number = preview.pullRequest {
            guard let state = facts.pullRequests[number] else {
                return .unknown(facts.fault ?? "\(repository) did not say how pull request \(number) stands")
            }
            switch state {
            case .open: return nil
            case .closed where policy.closed: return .ends(.closed, "pull request \(number) is closed")
            case .merged where policy.merged: return .ends(.merged, "pull request \(number) is merged")
            case .closed, .merged: return nil
            }
        }
        guard let branch = preview.branch else { return nil }
        guard let isThere = facts.branches[branch] else {
            return .unknown(facts.fault ?? "\(repository) did not say whether there is a branch \(branch.printable)")
        }
        return isThere || !policy.branchGone ? nil : .ends(.branchGone, "its branch \(branch.printable) is gone")
    }

    /// What the ledger and the clock say.
    private func clockVerdict(_ preview: Preview, isSpared: Bool) -> Verdict {
        var ends: [(rule: Rule, at: Timestamp, words: String)] = []
        func add(_ rule: Rule, _ from: Timestamp?, _ span: Duration?, _ words: (String) -> String) {
            if let from, let span { ends.append((rule, from + span, words(span.text))) }
        }
        let born = preview.readyAt ?? preview.createdAt
        add(.expiresAt, preview.expiresAt, .zero) { _ in "its time was set to end" }
        switch preview.standing {
        case .failed: add(.failed, preview.createdAt, policy.failed) { "it failed, and \($0) are over" }
        case .cancelled: add(.cancelled, preview.createdAt, policy.cancelled) { "it was cancelled, and \($0) are over" }
        default: break
        }
        var isKept = false
        for (rule, from, span) in [
            (Rule.ttl, born, policy.ttl), (.idle, max(born, preview.lastActiveAt ?? born), policy.idle),
        ] {
            guard let span else { continue }
            if isSpared {
                isKept = isKept || from + span <= now
            } else {
                add(rule, from, span) { rule == .ttl ? "it is older than \($0)" : "no request for \($0)" }
            }
        }
        let first = ends.min { $0.at < $1.at }
        if let first, first.at <= now { return .ends(first.rule, first.words) }
        if places.isLost(preview, asked: now) {
            return policy.lost ? .ends(.lost, "no engine has anything of it") : .stays("no engine has anything of it")
        }
        if isKept { return .stays("one of the newest") }
        return .lives(until: first?.at, by: first?.rule)
    }
}
