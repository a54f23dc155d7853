import CygniEngines

/// One engine as many previews see it that are taken down at once: so many delete there at the same time, and whoever has deleted is
/// told what is left by a list that began afterwards, which all who wait then share.
actor EngineLook {
    private typealias Listing = Task<[String: [EngineObject]], any Error>

    nonisolated let engine: any Engine
    /// How many may delete at once.
    private let limit: Int
    private var deleting = 0
    private var queue: [CheckedContinuation<Void, Never>] = []
    /// Those that mean to delete and have not done so yet.
    private var expected = 0
    private var running: Listing?
    private var waiting: Listing?

    /// A list waits so long for those that mean to delete, as they will want one too.
    private static let patience = Duration.milliseconds(500)

    init(_ engine: any Engine, limit: Int) { (self.engine, self.limit) = (engine, limit) }

    /// Tells that somebody means to delete; ``settle()`` takes it back.
    func expect() { expected += 1 }

    func settle() { expected -= 1 }

    /// Waits for a place among those that delete; ``leave()`` gives it back.
    func enter() async {
        if deleting < limit {
            deleting += 1
        } else {
            await withCheckedContinuation { queue.append($0) }
        }
    }

    func leave() {
        if queue.isEmpty { deleting -= 1 } else { queue.removeFirst().resume() }
    }

    /// What a deployment has there now.
    ///
    /// - Throws: ``EngineFault`` unless the engine told all; `CancellationError`.
    func objects(of deployment: String) async throws -> [EngineObject] {
        let listing = next()
        return try await withTaskCancellationHandler {
            try await listing.value[deployment] ?? []
        } onCancel: {
            // Only a whole run is cancelled, never one preview of it.
            listing.cancel()
        }
    }

    private func next() -> Listing {
        if let waiting { return waiting }
        let before = running
        let listing = Listing {
            _ = await before?.result
            return try await list()
        }
        waiting = listing
        return listing
    }

    private func list() async throws -> [String: [EngineObject]] {
        let start = ContinuousClock.now
        while expected > 0, ContinuousClock.now - start < Self.patience { try await Task.sleep(for: .milliseconds(5)) }
        // Who asks from here on must wait for the next one.
        (running, waiting) = (waiting, nil)
        return Dictionary(grouping: try await engine.objects(), by: \.deployment)
    }
}
