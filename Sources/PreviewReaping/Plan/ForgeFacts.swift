/// What forges say of the repositories that previews are of.
package struct ForgeFacts: Sendable {
    package enum PullRequest: String, Sendable, Hashable {
        case open, closed, merged
    }

    /// What one repository's forge says. Of what it has no entry, nothing is known.
    package struct Repository: Sendable, Hashable {
        package var pullRequests: [Int: PullRequest] = [:]
        /// Whether a branch is there.
        package var branches: [String: Bool] = [:]
        /// How many pull requests of it are open, and of how many it was asked; nil: its list did not come whole.
        package var open: Int?
        package var asked = 0
        /// Why something is not known.
        package var fault: String?
        /// Nobody failed: requests are left to others.
        package var isHeldBack = false
        /// The forge answered, and does not know what was asked after: that is so of this repository and says nothing of others.
        package var isLocal = false

        package init() {}
    }

    /// By `projects.repository`; a repository whose forge is not in the settings has no entry, and its forge ends nothing.
    package var repositories: [String: Repository] = [:]

    package init() {}

    /// Forges that told of no open pull request in any repository, each with how many it was asked after.
    var withoutOpenPullRequests: [(forge: String, asked: Int)] {
        let byForge = Dictionary(grouping: repositories) { Self.forge(of: $0.key) }
        return byForge.compactMap { forge, repositories in
            let told = repositories.filter { $0.value.open != nil }
            guard !told.isEmpty, told.allSatisfy({ $0.value.open == 0 }) else { return nil }
            return (forge, told.reduce(0) { $0 + $1.value.asked })
        }.sorted { $0.0 < $1.0 }
    }

    /// The repositories of which not all is known. A forge that shows none at all has failed as a whole.
    package var faults: [SideFault] {
        let told = Set(
            repositories.filter { $0.value.fault == nil || $0.value.open != nil }.map { Self.forge(of: $0.key) }
        )
        return repositories.compactMap { name, facts in
            facts.fault.map { fault in
                SideFault(
                    side: name,
                    text: fault,
                    isHeldBack: facts.isHeldBack,
                    isLocal: facts.isHeldBack || (facts.isLocal && told.contains(Self.forge(of: name)))
                )
            }
        }.sorted { $0.side < $1.side }
    }

    private static func forge(of repository: String) -> String { String(repository.prefix { $0 != ":" }) }
}

/// What a side did not tell.
package struct SideFault: Hashable, Sendable {
    /// A repository, or an engine.
    package var side: String
    package var text: String
    package var isHeldBack = false
    /// It says nothing of the rest, so that the run need not stop for it.
    package var isLocal = false
}
