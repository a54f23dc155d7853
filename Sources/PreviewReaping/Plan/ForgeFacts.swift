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
        /// Why something is not known.
        package var fault: String?

        package init() {}
    }

    /// By `projects.repository`; a repository whose forge is not in the settings has no entry, and its forge ends nothing.
    package var repositories: [String: Repository] = [:]

    package init() {}

    /// The repositories of which not all is known.
    package var faults: [(repository: String, fault: String)] {
        repositories.compactMap { name, facts in facts.fault.map { (name, $0) } }.sorted { $0.0 < $1.0 }
    }
}
