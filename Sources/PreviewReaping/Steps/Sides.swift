package import CygniConfig
import CygniEngines
import CygniJobs
import CygniModel

/// What forges and engines say before anything is decided.
struct Sides: Sendable {
    struct Facts: Sendable {
        var forges = ForgeFacts()
        var engines = EngineFacts()
        /// What was not told, for a person.
        var faults: [SideFault] = []
        var learned: [String: KnownAnswer] = [:]
        var requests = 0
        var unchanged = 0
    }

    let platform: String
    let forges: [String: ForgeClient]
    let engines: [any Engine]
    /// See ``EngineFacts``.
    private let ledgerOnly: [String]
    private let elsewhere: [String]
    /// How many previews may be taken down at once on each engine.
    let concurrency: [String: Int]
    private let book: PreviewBook

    /// - Throws: `JobFailure` for settings that can't be used.
    init(_ settings: ReapSettings, _ runtime: ReapRuntime, _ book: PreviewBook) throws {
        self.book = book
        platform = runtime.platform
        concurrency = runtime.engines.mapValues(\.concurrency)
        do {
            forges = try Dictionary(
                uniqueKeysWithValues: settings.forges.map { name, section in
                    let client = try ForgeClient(name, section, now: book.context.now) { try await book.recall($0) }
                    return (name, client)
                }
            )
        } catch {
            throw JobFailure("jobs/preview-reap.yaml: \(error)", status: .configuration)
        }
        do {
            func named(_ kind: EngineKind) -> [String] {
                runtime.engines.filter { $0.value.kind == kind }.keys.sorted()
            }
            (ledgerOnly, elsewhere) = (named(.none), named(.elsewhere))
            engines = try runtime.engines.sorted { $0.key < $1.key }.compactMap { name, section in
                switch section.kind {
                case .docker:
                    try DockerEngine(name, section, platform: runtime.platform) { try await book.begun(in: name) }
                case .kubernetes:
                    try KubernetesEngine(
                        name,
                        section,
                        platform: runtime.platform,
                        environment: runtime.environment
                    )
                case .none, .elsewhere: nil
                }
            }
        } catch {
            throw JobFailure("cygni.yaml: \(error)", status: .configuration)
        }
    }

    func ask() async throws -> Facts {
        async let listed = listings()
        async let told = survey()
        var facts = Facts()
        (facts.engines.ledgerOnly, facts.engines.elsewhere) = (ledgerOnly, elsewhere)
        for (name, result) in await listed {
            switch result {
            case .success(let objects):
                facts.engines.objects += objects
                facts.engines.answered.append(name)
            case .failure(let error):
                facts.engines.silent.append(name)
                facts.faults.append(SideFault(side: "engine \(name)", text: "\(error)"))
            }
        }
        facts.forges = try await told
        try Task.checkCancellation()
        facts.faults += facts.forges.faults
        for client in forges.values {
            facts.learned.merge(client.learned) { _, new in new }
            facts.requests += client.requests
            facts.unchanged += client.unchanged
        }
        return facts
    }

    private func survey() async throws -> ForgeFacts {
        try await ForgeSurvey(clients: forges).ask(try await book.wanted(Array(forges.keys)))
    }

    /// An engine that is slow holds none of the others up.
    private func listings() async -> [(String, Result<[EngineObject], any Error>)] {
        await withTaskGroup(of: (String, Result<[EngineObject], any Error>).self) { group in
            for engine in engines {
                group.addTask {
                    do { return (engine.name, .success(try await engine.objects())) } catch {
                        return (engine.name, .failure(error))
                    }
                }
            }
            var all: [(String, Result<[EngineObject], any Error>)] = []
            for await each in group { all.append(each) }
            return all.sorted { $0.0 < $1.0 }
        }
    }
}

/// Where previews run, by the settings that all jobs share.
package struct ReapRuntime: Sendable {
    package var platform: String
    package var engines: [String: EngineSettings]
    /// In a pod it names the cluster's API server.
    package var environment: [String: String]

    package init(platform: String, engines: [String: EngineSettings], environment: [String: String]) {
        self.platform = platform
        self.engines = engines
        self.environment = environment
    }
}
