import CygniHTTP
import CygniModel

/// What a Docker-compatible engine has of ours, and who uses it.
struct DockerStock: Sendable {
    let client: DockerClient
    let platform: String
    /// Containers that we began to delete, so that half of one may be left.
    let begun: @Sendable () async throws -> [String]

    private var ours: (name: String, values: [String]) { ("label", ["\(Label.object.platform)=\(platform)"]) }

    private func isOurs(_ labels: [String: String]?) -> Bool { labels?[Label.object.platform] == platform }

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
        let answer = try await client.get(DockerReply.Volumes.self, "/volumes?\(filters)", "list volumes")
        // A driver that did not tell its volumes (Docker Engine API, VolumeList).
        if let warning = answer.warnings?.first { throw client.fault("did not list all volumes: \(warning.printable)") }
        return answer.volumes?.filter { isOurs($0.labels) } ?? []
    }

    func images() async throws -> [DockerReply.Image] {
        let filters = DockerClient.filters([("label", ["\(Label.image.platform)=\(platform)"])])
        return try await client.get([DockerReply.Image].self, "/images/json?\(filters)", "list images")
            .filter { $0.labels?[Label.image.platform] == platform }
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
        var answer = try await client.ask("GET", "/containers/json?all=1\(filter)")
        if isTorn(answer), try await removeRemains() {
            answer = try await client.ask("GET", "/containers/json?all=1\(filter)")
        }
        try client.expect(answer, [200], "list containers")
        return try client.decode([DockerReply.Container].self, answer)
    }

    /// What podman says of a container that it has half removed; any other trouble is none of ours.
    private func isTorn(_ answer: DockerClient.Answer) -> Bool {
        guard answer.status == 500, let message = answer.message else { return false }
        return message.contains("container not known") || message.contains("layer not known")
    }

    /// Podman that was killed while it removed a container lists nothing more, and does not tell of that one either, until it is
    /// removed by force. Those in which deleting was begun by us are.
    ///
    /// - Returns: whether there was one.
    private func removeRemains() async throws -> Bool {
        var found = false
        for id in try await begun()
        where isTorn(try await client.ask("GET", "/containers/\(id.percentEncoded)/json")) {
            let removal = try await client.ask("DELETE", "/containers/\(id.percentEncoded)?force=1&v=1")
            try client.expect(removal, [200, 204, 404], "remove what is left of container \(id.prefix(12))")
            found = true
        }
        return found
    }
}
