import CygniAudit
import CygniEngines
import CygniJobs
import CygniModel
import CygniPostgres
import FoundationEssentials

/// Takes one preview down, class by class, proves that nothing is left, and leaves a receipt.
///
/// Every step can be done again: a run that was killed is gone on with by the next one.
struct Teardown: Sendable {
    let context: JobContext
    let book: PreviewBook
    let belongings: Belongings
    let artifacts: Artifacts

    /// - Parameters:
    ///   - known: what the engines told of it when the run was planned.
    ///   - looks: the engines that it may be on.
    func reap(_ preview: Preview, rule: String, known: [EngineObject], _ looks: [EngineLook]) async throws {
        let began = ContinuousClock.now
        let owned = try await book.begin(preview, known)
        context.crashPoint("reap.begun")
        var bytes = Int64(0)
        for each in owned.belongings { bytes += try await belongings.delete(each, of: preview) }
        context.crashPoint("reap.belongings")
        try await delete(known, looks)
        context.crashPoint("reap.engines")
        var receipt: [(name: String, value: JSONValue)] = [("rule", .string(rule))]
        if let prefix = preview.artifactPrefix {
            try await book.checkPrefix(prefix, preview)
            let gone = try await artifacts.delete(prefix)
            bytes += gone.bytes
            receipt += [("artifacts", .integer(gone.objects)), ("artifact_bytes", .integer(Int(gone.bytes)))]
        }
        context.crashPoint("reap.artifacts")
        let late = try await probe(preview, owned.belongings, looks)
        context.crashPoint("reap.probed")
        receipt += [
            ("objects", .array((owned.objects + late).map(JSONValue.string))),
            ("belongings", .array(owned.belongings.map { .string("\($0.kind.rawValue) \($0.name)") })),
            ("bytes", .integer(Int(bytes))),
            ("milliseconds", .integer(Int((ContinuousClock.now - began).microseconds / 1000))),
        ]
        try await book.finish(preview, .object(receipt))
        context.crashPoint("reap.receipt")
        context.count("reaped")
        context.count("reaped_bytes", Int(bytes))
    }

    private func delete(_ objects: [EngineObject], _ looks: [EngineLook]) async throws {
        for object in objects {
            guard let look = looks.first(where: { $0.engine.name == object.engine }) else { continue }
            try await context.checkpoint()
            try await look.engine.delete(object)
            context.crashPoint("reap.deleted")
        }
    }

    /// Asks every side anew whether something is left. What came to an engine since the plan goes too, and is asked after again.
    ///
    /// - Returns: what came since.
    private func probe(_ preview: Preview, _ owned: [Belonging], _ looks: [EngineLook]) async throws -> [String] {
        for each in owned { try await belongings.probe(each, of: preview) }
        let late = try await objects(of: preview, looks)
        if !late.isEmpty {
            try await delete(late, looks)
            if let left = try await objects(of: preview, looks).first {
                throw TeardownFault("\(left.words) is still there")
            }
        }
        if let prefix = preview.artifactPrefix { try await artifacts.probe(prefix) }
        return late.map(\.words)
    }

    private func objects(of preview: Preview, _ looks: [EngineLook]) async throws -> [EngineObject] {
        var found: [EngineObject] = []
        for look in looks { found += try await look.objects(of: preview.name) }
        return found
    }
}
