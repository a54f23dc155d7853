import CygniModel

/// Asks the forges after the repositories of previews, all forges at once: per repository first, then only after what that left open.
struct ForgeSurvey: Sendable {
    /// What is to be known of one repository.
    struct Wanted: Sendable {
        /// `github:owner/name`
        var repository: String
        var pullRequests: Set<Int> = []
        var branches: Set<String> = []
    }

    let clients: [String: ForgeClient]

    func ask(_ wanted: [Wanted]) async throws -> ForgeFacts {
        let byForge = Dictionary(grouping: wanted) { String($0.repository.prefix { $0 != ":" }) }
        return try await withThrowingTaskGroup(of: [String: ForgeFacts.Repository].self) { group in
            for (forge, wanted) in byForge {
                guard let client = clients[forge] else { continue }
                group.addTask {
                    var told: [String: ForgeFacts.Repository] = [:]
                    for each in wanted {
                        try Task.checkCancellation()
                        let name = String(each.repository.dropFirst(forge.count + 1))
                        told[each.repository] = try await look(client, name, each)
                    }
                    return told
                }
            }
            var facts = ForgeFacts()
            for try await told in group { facts.repositories.merge(told) { _, new in new } }
            return facts
        }
    }

    private func look(_ client: ForgeClient, _ name: String, _ wanted: Wanted) async throws -> ForgeFacts.Repository {
        var facts = ForgeFacts.Repository()
        do {
            // That the repository is there for us at all: only then "not found" means something.
            let home = try await client.page(.repository, client.dialect.repository(name))
            guard let main = home?.page.defaultBranch, !main.isEmpty else {
                throw ForgeFault(
                    description: "forge \(client.name) shows us no repository \(name.printable)",
                    isLocal: home == nil
                )
            }
            try await pullRequests(client, name, wanted.pullRequests, &facts)
            try await branches(client, name, wanted.branches, main, &facts)
        } catch let fault as ForgeFault {
            (facts.fault, facts.isHeldBack, facts.isLocal) = (fault.description, fault.isHeldBack, fault.isLocal)
        }
        return facts
    }

    private func pullRequests(
        _ client: ForgeClient,
        _ name: String,
        _ wanted: Set<Int>,
        _ facts: inout ForgeFacts.Repository
    ) async throws {
        guard !wanted.isEmpty else { return }
        var open: Set<Int> = []
        try await pages(client, .pullRequests, client.dialect.openPullRequests(name)) { page in
            open.formUnion(page.pullRequests.filter { $0.value == ForgeFacts.PullRequest.open.rawValue }.keys)
        }
        (facts.open, facts.asked) = (open.count, wanted.count)
        for number in wanted.intersection(open) { facts.pullRequests[number] = .open }
        // Not among the open ones proves nothing: each is asked after by itself.
        for number in wanted.subtracting(open).sorted() {
            let answer = try await client.page(.pullRequest, client.dialect.pullRequest(name, number))
            guard
                let state = answer?.page.pullRequests[number].flatMap(ForgeFacts.PullRequest.init(rawValue:))
            else {
                // Not found is an answer; another pull request than the one that was asked after is none.
                facts.isLocal = answer == nil && (facts.fault == nil || facts.isLocal)
                facts.fault = "forge \(client.name) does not know pull request \(number) of \(name.printable)"
                continue
            }
            facts.pullRequests[number] = state
        }
    }

    private func branches(
        _ client: ForgeClient,
        _ name: String,
        _ wanted: Set<String>,
        _ main: String,
        _ facts: inout ForgeFacts.Repository
    ) async throws {
        guard !wanted.isEmpty else { return }
        var there: Set<String> = []
        try await pages(client, .branches, client.dialect.branches(name)) { there.formUnion($0.branches) }
        guard there.contains(main) else {
            throw ForgeFault(
                description: "forge \(client.name) listed the branches of \(name.printable) without its default branch"
            )
        }
        for branch in wanted.intersection(there) { facts.branches[branch] = true }
        for branch in wanted.subtracting(there).sorted() {
            let answer = try await client.page(.branch, client.dialect.branch(name, branch))
            guard let answer else {
                facts.branches[branch] = false
                continue
            }
            if answer.page.branches == [branch] { facts.branches[branch] = true }
        }
    }

    /// To the end, and not for ever.
    private func pages(
        _ client: ForgeClient,
        _ question: ForgeParsing.Question,
        _ first: String,
        _ take: (ForgePage) -> Void
    ) async throws {
        var next: String? = first
        var seen: Set<String> = []
        while let url = next {
            guard seen.insert(url).inserted, seen.count <= 2000 else {
                throw ForgeFault(description: "forge \(client.name) leads in a circle")
            }
            guard let answer = try await client.page(question, url) else {
                throw ForgeFault(description: "forge \(client.name) has no \(url.printable)")
            }
            take(answer.page)
            next = answer.next
        }
    }
}
