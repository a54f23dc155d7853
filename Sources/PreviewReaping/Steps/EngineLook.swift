import CygniEngines

/// One engine, looked at for many previews at once: whoever asks is told by a list that began after the question.
actor EngineLook {
    private typealias Listing = Task<[String: [EngineObject]], any Error>

    nonisolated let engine: any Engine
    private var running: Listing?
    private var waiting: Listing?

    init(_ engine: any Engine) { self.engine = engine }

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
        // Who asks from here on must wait for the next one.
        (running, waiting) = (waiting, nil)
        return Dictionary(grouping: try await engine.objects(), by: \.deployment)
    }
}
