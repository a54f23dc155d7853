import CygniHTTP
package import CygniModel

/// Something in an engine that takes room: an image, a volume or a network with our labels, or build cache.
package struct EngineHolding: Hashable, Sendable {
    /// `image`, `volume`, `network` or `build_cache`; its deployment is empty where no label names one.
    package var object: EngineObject
    package var createdAt: Timestamp?
    /// As far as the engine knows.
    package var lastUsedAt: Timestamp?
    package var bytes: Int64
    /// What the engine needs it for, `container web`; nil: nothing.
    package var user: String?
    /// Whether it is an image without a name.
    package var isUntagged: Bool

    package init(
        object: EngineObject,
        createdAt: Timestamp?,
        lastUsedAt: Timestamp? = nil,
        bytes: Int64 = 0,
        user: String? = nil,
        isUntagged: Bool = false
    ) {
        (self.object, self.createdAt, self.lastUsedAt) = (object, createdAt, lastUsedAt)
        (self.bytes, self.user, self.isUntagged) = (bytes, user, isUntagged)
    }
}

extension DockerEngine {
    /// What may be reclaimed, with who uses it.
    ///
    /// - Parameter cache: whether build cache is told too. It has no labels, so on a shared engine it may be anybody's.
    /// - Throws: ``EngineFault`` unless the engine told all.
    package func holdings(cache: Bool) async throws -> [EngineHolding] {
        let use = try await diskUse()
        let containers = try await stock.allContainers()
        return try await images(containers) + volumes(use) + networks(containers) + (cache ? cached(use) : [])
    }

    /// Bytes that images, volumes and build cache take, as the engine counts them.
    ///
    /// - Throws: ``EngineFault``.
    package func bytesInUse() async throws -> Int64 {
        let use = try await diskUse()
        // Docker counts a layer once; Podman says nothing of layers.
        let images = use.images?.reduce(0) { $0 + ($1.size ?? 0) } ?? 0
        let layers = use.layers.flatMap { $0 > 0 ? $0 : nil } ?? images
        return layers + (use.volumes?.reduce(0) { $0 + max(0, $1.usage?.size ?? 0) } ?? 0)
            + (use.cache?.reduce(0) { $0 + ($1.size ?? 0) } ?? 0)
    }

    /// Deletes one holding that nothing uses. The engine itself refuses what is used by now.
    ///
    /// - Throws: ``EngineFault``.
    package func delete(_ holding: EngineHolding) async throws {
        guard holding.object.kind == "build_cache" else { return try await delete(holding.object) }
        let path = "/build/prune?all=1&\(DockerClient.filters([("id", [holding.object.ref])]))"
        try client.expect(try await client.ask("POST", path), [200], "delete \(holding.object.words)")
    }

    private func diskUse() async throws -> DockerReply.DiskUse {
        try await client.get(DockerReply.DiskUse.self, "/system/df", "tell its use of disk")
    }

    private func object(_ kind: String, _ ref: String, _ title: String, _ labels: [String: String]?) -> EngineObject {
        EngineObject(
            engine: name,
            kind: kind,
            ref: ref,
            name: title,
            deployment: labels?[Label.of(kind).deployment] ?? ""
        )
    }

    private func images(_ containers: [DockerReply.Container]) async throws -> [EngineHolding] {
        let users = Dictionary(grouping: containers, by: \.imageID)
        let parents = try await stock.parents()
        return try await stock.images().map { image in
            let tags = (image.tags ?? []).filter { !$0.hasPrefix("<none>") }
            let own = image.ownTags
            let user =
                users[image.id]?.first.map { "container \($0.name.printable)" }
                ?? parents[image.id]?.min().map { "image \($0.prefix(19)), which was made from it," }
            return EngineHolding(
                object: object("image", image.id, own.first ?? tags.first ?? image.id, image.labels),
                createdAt: image.created.map { Timestamp(microseconds: $0 * 1_000_000) },
                bytes: image.size ?? 0,
                user: user
                    ?? (own.isEmpty ? tags.first.map { "the name \($0.printable), which no label of it says," } : nil),
                isUntagged: tags.isEmpty
            )
        }
    }

    private func volumes(_ use: DockerReply.DiskUse) async throws -> [EngineHolding] {
        let sizes = Dictionary(
            (use.volumes ?? []).map { ($0.name, $0.usage?.size ?? 0) },
            uniquingKeysWith: { first, _ in first }
        )
        let unused = Set(try await stock.volumes(dangling: true).map(\.name))
        return try await stock.volumes().map { volume in
            EngineHolding(
                object: object("volume", volume.name, volume.name, volume.labels),
                createdAt: volume.created.flatMap { Timestamp(parsing: $0) },
                bytes: max(0, sizes[volume.name] ?? 0),
                user: unused.contains(volume.name) ? nil : "a container"
            )
        }
    }

    private func networks(_ containers: [DockerReply.Container]) async throws -> [EngineHolding] {
        try await stock.networks().map { network in
            let user = containers.first { container in
                container.attached?.networks?.contains { $0.key == network.name || $0.value.id == network.id } ?? false
            }
            return EngineHolding(
                object: object("network", network.id, network.name, network.labels),
                createdAt: network.created.flatMap { Timestamp(parsing: $0) },
                user: user.map { "container \($0.name.printable)" }
            )
        }
    }

    private func cached(_ use: DockerReply.DiskUse) -> [EngineHolding] {
        (use.cache ?? []).map { record in
            EngineHolding(
                object: object("build_cache", record.id, record.id, nil),
                createdAt: record.created.flatMap { Timestamp(parsing: $0) },
                lastUsedAt: record.lastUsed.flatMap { Timestamp(parsing: $0) },
                bytes: record.size ?? 0,
                user: record.isInUse == true ? "a build" : nil
            )
        }
    }
}
