import CygniEngines

/// One engine as many previews see it that are taken down at once: so many delete there at the same time, and whoever has deleted is
/// told what is left by a list that began afterwards, which all who wait then share.
actor EngineLook {
    private typealias Listing = Task<[String: [EngineObject]], any Error>

    nonisolated let engine: any Engine
    /// For those that delete.
    nonisolated let slots: Slots
    /// Those that mean to delete and have not done so yet.
    private var expected = 0
    private var running: Listing?
    private var waiting: Listing?

    /// A list waits so long for those that mean to delete, as they will want one too.
    private static let patience = Duration.milliseconds(500)

    /// - Parameter limit: how many may delete at once.
    init(_ engine: any Engine, limit: Int) { (self.engine, slots) = (engine, Slots(limit)) }

    /// Tells that somebody means to delete; ```settle()`` takes it back.
    func expect() { expected += 1 }

    func settle() { expected -= 1 }

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
        while expected > 0, ContinuousClock.now - start < Self.patience {
            // Cancelled, it begins nothing; whoever asks next is not handed this one.
            do { try await Task.sleep(for: .milliseconds(5)) } catch {
                waiting = nil
                throw error
            }
        }
        // Who asks from here on must wait for the next one.
        (running, waiting) = (waiting, nil)
        return Dictionary(grouping: try await engine.objects(), by: { $0.deployment.lowercased() })
    }
}
