import CygniHTTP
import CygniModel

/// What each kind of forge asks and answers: GitHub REST API 2022-11-28, GitLab REST API v4, Bitbucket Cloud REST API 2.0,
/// Gitea API v1.
struct ForgeDialect: Sendable {
    let kind: ForgeKind
    let root: String

    /// `owner/name`, as one of the forge's paths.
    private func base(_ repository: String) -> String {
        switch kind {
        case .github, .gitea: "\(root)/repos/\(path(repository))"
        case .bitbucket: "\(root)/repositories/\(path(repository))"
        case .gitlab: "\(root)/projects/\(repository.percentEncoded)"
        }
    }

    private func path(_ repository: String) -> String {
        repository.split(separator: "/", omittingEmptySubsequences: false).map { String($0).percentEncoded }.joined(
            separator: "/"
        )
    }

    func repository(_ name: String) -> String { base(name) }

    func openPullRequests(_ name: String) -> String {
        switch kind {
        case .github: "\(base(name))/pulls?state=open&per_page=100"
        case .gitea: "\(base(name))/pulls?state=open&limit=50"
        case .gitlab: "\(base(name))/merge_requests?state=opened&per_page=100"
        case .bitbucket: "\(base(name))/pullrequests?state=OPEN&pagelen=50"
        }
    }

    func pullRequest(_ name: String, _ number: Int) -> String {
        switch kind {
        case .github, .gitea: "\(base(name))/pulls/\(number)"
        case .gitlab: "\(base(name))/merge_requests/\(number)"
        case .bitbucket: "\(base(name))/pullrequests/\(number)"
        }
    }

    func branches(_ name: String) -> String {
        switch kind {
        case .github: "\(base(name))/branches?per_page=100"
        case .gitea: "\(base(name))/branches?limit=50"
        case .gitlab: "\(base(name))/repository/branches?per_page=100"
        case .bitbucket: "\(base(name))/refs/branches?pagelen=100"
        }
    }

    func branch(_ name: String, _ branch: String) -> String {
        switch kind {
        // A slash in a branch's name is part of their path; elsewhere it is not.
        case .github: "\(base(name))/branches/\(path(branch))"
        case .gitea: "\(base(name))/branches/\(path(branch))"
        case .gitlab: "\(base(name))/repository/branches/\(branch.percentEncoded)"
        case .bitbucket: "\(base(name))/refs/branches/\(path(branch))"
        }
    }

    func comment(_ name: String, _ number: Int, _ text: String) -> (url: String, body: String) {
        let body = JSONValue.object([("body", .string(text))]).text
        switch kind {
        case .github, .gitea: return ("\(base(name))/issues/\(number)/comments", body)
        case .gitlab: return ("\(base(name))/merge_requests/\(number)/notes", body)
        case .bitbucket:
            let content = JSONValue.object([("content", .object([("raw", .string(text))]))])
            return ("\(base(name))/pullrequests/\(number)/comments", content.text)
        }
    }

    func authorization(_ token: String) -> (name: String, value: String) {
        switch kind {
        case .github, .bitbucket: ("Authorization", "Bearer \(token)")
        case .gitlab: ("PRIVATE-TOKEN", token)
        case .gitea: ("Authorization", "token \(token)")
        }
    }
}

/// A forge's answer, as far as it matters here.
struct ForgePage: Codable, Hashable, Sendable {
    /// By number: open, closed or merged.
    var pullRequests: [Int: String] = [:]
    var branches: [String] = []
    var defaultBranch: String?
}

/// A forge did not tell.
struct ForgeFault: Error, CustomStringConvertible {
    let description: String
    /// It was not asked, so that enough of its limit is left for others.
    var isHeldBack = false
    /// It answered, and does not know what was asked after.
    var isLocal = false
}
