import CygniJobs
import CygniModel

/// What forges and engines say before anything is decided.
struct Sides: Sendable {
    struct Facts: Sendable {
        var forges = ForgeFacts()
        var objects: [EngineObject] = []
        /// Engines that told all.
        var answered: [String] = []
        var hasAllEngines = true
        /// What was not told, for a person.
        var faults: [String] = []
        var learned: [String: KnownAnswer] = [:]
        var requests = 0
        var unchanged = 0
    }

    let forges: [String: ForgeClient]
    let engines: [any Engine]
    private let book: PreviewBook

    /// - Throws: ``JobFailure`` for settings that can't be used.
    init(_ settings: ReapSettings, _ book: PreviewBook, _ environment: [String: String]) throws {
        self.book = book
        do {
            forges = try Dictionary(
                uniqueKeysWithValues: settings.forges.map { name, section in
                    let client = try ForgeClient(name, section, now: book.context.now) { try await book.recall($0) }
                    return (name, client)
                }
            )
            engines = try settings.engines.sorted { $0.key < $1.key }.map { name, section in
                switch section.kind {
                case .docker: try DockerEngine(name, section, platform: settings.platform)
                case .kubernetes:
                    try KubernetesEngine(name, section, platform: settings.platform, environment: environment)
                }
            }
        } catch {
            throw JobFailure("jobs/preview-reap.yaml: \(error)", status: .configuration)
        }
    }

    func ask() async throws -> Facts {
        var facts = Facts()
        // An engine that is slow holds none of the others up.
        let told = await withTaskGroup(of: (String, Result<[EngineObject], any Error>).self) { group in
            for engine in engines {
                group.addTask {
                    do { return (engine.name, .success(try await engine.objects(deployment: nil))) } catch {
                        return (engine.name, .failure(error))
                    }
                }
            }
            var all: [(String, Result<[EngineObject], any Error>)] = []
            for await each in group { all.append(each) }
            return all.sorted { $0.0 < $1.0 }
        }
        try Task.checkCancellation()
        for (name, result) in told {
            switch result {
            case .success(let objects):
                facts.objects += objects
                facts.answered.append(name)
            case .failure(let error):
                facts.hasAllEngines = false
                facts.faults.append("\(error)")
            }
        }
        facts.forges = try await ForgeSurvey(clients: forges).ask(try await book.wanted(Array(forges.keys)))
        facts.faults += facts.forges.faults.map { "\($0.repository): \($0.fault)" }
        for client in forges.values {
            facts.learned.merge(client.learned) { _, new in new }
            facts.requests += client.requests
            facts.unchanged += client.unchanged
        }
        return facts
    }
}
