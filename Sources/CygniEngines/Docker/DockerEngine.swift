package import CygniConfig
import CygniHTTP
import CygniModel

/// A Docker-compatible engine: containers, networks, volumes and images by our labels.
package struct DockerEngine: Engine {
    package let name: String
    let platform: String
    private let stopTimeout: Duration
    let client: DockerClient
    let stock: DockerStock

    /// - Parameter begun: the ids of containers that a run, this one or an earlier one, began to delete.
    package init(
        _ name: String,
        _ settings: EngineSettings,
        platform: String,
        begun: @escaping @Sendable () async throws -> [String]
    ) throws {
        self.name = name
        self.platform = platform
        stopTimeout = settings.stopTimeout
        client = try DockerClient(name, settings)
        stock = DockerStock(client: client, platform: platform, begun: begun)
    }

    /// An image by none of the names that its label says is not told, nor one that another deployment's container runs, or from which
    /// others were made: it is not this one's alone.
    package func objects() async throws -> [EngineObject] {
        var found: [EngineObject] = []
        func add(_ kind: String, _ ref: String, _ name: String, _ labels: [String: String]?) throws {
            guard let owner = labels?[Label.of(kind).deployment] else { return }
            guard !ref.isEmpty else { throw client.fault("told a \(kind) without an id") }
            found.append(EngineObject(engine: self.name, kind: kind, ref: ref, name: name, deployment: owner))
        }
        for each in try await stock.containers() { try add("container", each.id, each.name, each.labels) }
        for each in try await stock.networks() { try add("network", each.id, each.name, each.labels) }
        for each in try await stock.volumes() { try add("volume", each.name, each.name, each.labels) }
        let images = try await stock.images().filter { $0.owner != nil && !$0.ownTags.isEmpty }
        guard !images.isEmpty else { return found }
        let owners = Dictionary(images.map { ($0.id, $0.owner) }, uniquingKeysWith: { first, _ in first })
        let users = Dictionary(grouping: try await stock.allContainers(), by: \.imageID)
        let parents = try await stock.parents()
        for image in images {
            let isShared =
                users[image.id, default: []].contains {
                    $0.labels?[Label.object.platform] != platform || $0.labels?[Label.object.deployment] != image.owner
                } || parents[image.id, default: []].contains { owners[$0] != image.owner }
            if !isShared { try add("image", image.id, image.ownTags.first ?? image.id, image.labels) }
        }
        return found
    }

    package func delete(_ object: EngineObject) async throws {
        let ref = object.ref.percentEncoded
        switch object.kind {
        case "container":
            // An id is never given again, and a container's labels stay as they were made: the list that named it told what holds
            // for good. A volume's name may be another one's by now, and so may a network's id, which podman makes of the name.
            try await stop(object)
            // With its anonymous volumes, which have no labels and nobody else.
            try await remove("/containers/\(ref)?force=1&v=1", object)
        case "network", "volume":
            guard try await inspect("/\(object.kind)s/\(ref)", object) != nil else { return }
            try await remove("/\(object.kind)s/\(ref)", object)
        case "image": try await deleteImage(object)
        default: throw client.fault("has no kind '\(object.kind)'")
        }
    }

    /// The fence: a thing is looked at again right before it goes.
    ///
    /// - Returns: nil when it is gone.
    private func inspect(_ path: String, _ object: EngineObject) async throws -> DockerReply.Inspected? {
        let answer = try await client.ask("GET", path)
        if answer.status == 404 { return nil }
        try client.expect(answer, [200], "tell about \(object.words)")
        let found = try client.decode(DockerReply.Inspected.self, answer)
        let (labels, label) = (found.allLabels, Label.of(object.kind))
        guard labels[label.platform] == platform, labels[label.deployment] ?? "" == object.deployment else {
            throw client.fault("\(object.words) has other labels than before: it was left alone")
        }
        return found
    }

    private func stop(_ object: EngineObject) async throws {
        guard stopTimeout > .zero else { return }
        let seconds = max(1, Int(stopTimeout.components.seconds))
        let path = "/containers/\(object.ref.percentEncoded)/stop?t=\(seconds)"
        let answer = try await client.ask("POST", path, extra: stopTimeout)
        try client.expect(answer, [204, 304, 404], "stop \(object.words)")
    }

    private func remove(_ path: String, _ object: EngineObject) async throws {
        try client.expect(try await client.ask("DELETE", path), [200, 204, 404], "delete \(object.words)")
    }

    /// Its own names one by one, with the last of which the engine lets it go, never by force: the engine itself refuses what a container
    /// still needs. By another name it stays.
    private func deleteImage(_ object: EngineObject) async throws {
        guard let image = try await inspect("/images/\(object.ref.percentEncoded)/json", object) else { return }
        for tag in DockerReply.ownTags(image.tags, image.allLabels)
        where try await inspect("/images/\(tag.percentEncoded)/json", object)?.id == image.id {
            try await remove("/images/\(tag.percentEncoded)", object)
        }
        let left = try await inspect("/images/\(object.ref.percentEncoded)/json", object)
        if let left, left.tags?.isEmpty ?? true { try await remove("/images/\(object.ref.percentEncoded)", object) }
    }
}
