import CygniModel

/// What a Docker-compatible engine has of ours, and who uses it.
struct DockerStock: Sendable {
    let client: DockerClient
    let platform: String
    /// Whether deleting a container was begun by us, so that half of it may be left.
    let wasBegun: @Sendable (String) async throws -> Bool

    private var ours: (name: String, values: [String]) { ("label", ["\(Label.platform)=\(platform)"]) }

    private func isOurs(_ labels: [String: String]?) -> Bool { labels?[Label.platform] == platform }

    // Asked for by label, and looked at again: an engine that ignores filters must not cost what is not ours.

    func containers() async throws -> [DockerReply.Container] {
        try await containers("&\(DockerClient.filters([ours]))").filter { isOurs($0.labels) }
    }

    func networks() async throws -> [DockerReply.Network] {
        try await client.get([DockerReply.Network].self, "/networks?\(DockerClient.filters([ours]))", "list networks")
            .filter { isOurs($0.labels) }
    }

    /// - Parameter dangling: only those that no container has, running or not.
    func volumes(dangling: Bool = false) async throws -> [DockerReply.Volume] {
        let filters = DockerClient.filters(dangling ? [ours, ("dangling", ["true"])] : [ours])
        return try await client.get(DockerReply.Volumes.self, "/volumes?\(filters)", "list volumes").volumes?
            .filter { isOurs($0.labels) } ?? []
    }

    func images() async throws -> [DockerReply.Image] {
        try await client.get([DockerReply.Image].self, "/images/json?\(DockerClient.filters([ours]))", "list images")
            .filter { isOurs($0.labels) }
    }

    /// Everybody's containers, running or not.
    func allContainers() async throws -> [DockerReply.Container] { try await containers("") }

    /// The ids of images from which others were made.
    func parents() async throws -> [String: Set<String>] {
        var children: [String: Set<String>] = [:]
        for image in try await client.get([DockerReply.Image].self, "/images/json?all=1", "list images") {
            if let parent = image.parent, !parent.isEmpty { children[parent, default: []].insert(image.id) }
        }
        return children
    }

    private func containers(_ filter: String) async throws -> [DockerReply.Container] {
        var repaired: Set<String> = []
        while true {
            let answer = try await client.ask("GET", "/containers/json?all=1\(filter)")
            // Podman that was killed while it removed a container lists nothing more until that one is removed by force.
            if answer.status == 500, let id = answer.message?.firstMatch(of: /\b[0-9a-f]{64}\b/).map({ String($0.0) }),
                try await wasBegun(id), repaired.insert(id).inserted
            {
                let removal = try await client.ask("DELETE", "/containers/\(id)?force=1&v=1")
                try client.expect(removal, [200, 204, 404], "remove what is left of container \(id.prefix(12))")
                continue
            }
            try client.expect(answer, [200], "list containers")
            return try client.decode([DockerReply.Container].self, answer)
        }
    }
}
