import CygniHTTP
import CygniModel
/// Reads answers. What does not have the documented members is an error, never an empty list.
enum ForgeParsing {
    enum Question { case repository, pullRequests, pullRequest, branches, branch }

    /// - Returns: the page, and the address of the next one where the body says it.
    static func parse(_ question: Question, _ kind: ForgeKind, _ body: [UInt8]) throws -> (ForgePage, next: String?) {
        var page = ForgePage()
        var next: String?
        switch (question, kind) {
        case (.repository, .bitbucket):
            page.defaultBranch = try JSONReading.decode(BitbucketRepository.self, body).mainbranch.name
        case (.repository, _):
            page.defaultBranch = try JSONReading.decode(Repository.self, body).default_branch
        case (.pullRequests, .bitbucket):
            let list = try JSONReading.decode(BitbucketPage<PullRequest>.self, body)
            next = list.next
            for each in list.values { try add(each, to: &page) }
        case (.pullRequests, _):
            for each in try JSONReading.decode([PullRequest].self, body) { try add(each, to: &page) }
        case (.pullRequest, _): try add(JSONReading.decode(PullRequest.self, body), to: &page)
        case (.branches, .bitbucket):
            let list = try JSONReading.decode(BitbucketPage<Branch>.self, body)
            next = list.next
            page.branches = list.values.map(\.name)
        case (.branches, _): page.branches = try JSONReading.decode([Branch].self, body).map(\.name)
        case (.branch, _): page.branches = [try JSONReading.decode(Branch.self, body).name]
        }
        return (page, next)
    }

    private static func add(_ each: PullRequest, to page: inout ForgePage) throws {
        guard let number = each.iid ?? each.number ?? each.id else {
            throw JSONReading.Wrong(description: "answered a pull request without a number")
        }
        let state: ForgeFacts.PullRequest
        switch each.state.lowercased() {
        // locked: GitLab is merging it.
        case "open", "opened", "locked": state = .open
        case "merged": state = .merged
        case "closed", "declined", "superseded":
            state = each.merged == true || each.merged_at != nil ? .merged : .closed
        default: throw JSONReading.Wrong(description: "answered the state '\(each.state.printable)'")
        }
        page.pullRequests[number] = state.rawValue
    }

    /// Members as the forges spell them.
    private struct PullRequest: Decodable {
        let iid, number, id: Int?
        let state: String
        let merged: Bool?
        let merged_at: String?
    }
    private struct Branch: Decodable { let name: String }
    private struct Repository: Decodable { let default_branch: String }
    private struct BitbucketRepository: Decodable {
        struct Main: Decodable { let name: String }
        let mainbranch: Main
    }
    private struct BitbucketPage<Value: Decodable>: Decodable {
        let values: [Value]
        let next: String?
    }
}
