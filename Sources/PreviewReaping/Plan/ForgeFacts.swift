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

        package init() {}
    }

    /// By `projects.repository`; a repository whose forge is not in the settings has no entry, and its forge ends nothing.
    package var repositories: [String: Repository] = [:]

    package init() {}

    /// Forges that told of no open pull request in any repository, each with how many it was asked after.
    var withoutOpenPullRequests: [(forge: String, asked: Int)] {
        let byForge = Dictionary(grouping: repositories) { String($0.key.prefix { $0 != ":" }) }
        return byForge.compactMap { forge, repositories in
            let told = repositories.filter { $0.value.open != nil }
            guard !told.isEmpty, told.allSatisfy({ $0.value.open == 0 }) else { return nil }
            return (forge, told.reduce(0) { $0 + $1.value.asked })
        }.sorted { $0.0 < $1.0 }
    }

    /// The repositories of which not all is known.
    package var faults: [SideFault] {
        repositories.compactMap { name, facts in
            facts.fault.map { SideFault(side: name, text: $0, isHeldBack: facts.isHeldBack) }
        }.sorted { $0.side < $1.side }
    }
}

/// What a side did not tell.
package struct SideFault: Hashable, Sendable {
    /// A repository, or an engine.
    package var side: String
    package var text: String
    package var isHeldBack = false
}
