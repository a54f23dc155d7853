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
    /// For those of which no engine has anything.
    private let elsewhere: Slots
    private let begin: Together<PreviewBook.Beginning, PreviewBook.Begun?>
    private let note: Together<PreviewBook.Finding, Void>
    private let finish: Together<PreviewBook.Receipt, String?>

    /// - Parameter limit: of how many at once belongings and artifacts are deleted, where no engine has anything of them.
    init(_ book: PreviewBook, _ belongings: Belongings, _ artifacts: Artifacts, limit: Int) {
        (context, self.book, self.belongings, self.artifacts) = (book.context, book, belongings, artifacts)
        elsewhere = Slots(limit)
        begin = Together { try await book.begin($0) }
        note = Together { findings in
            try await book.note(findings)
            return findings.map { _ in }
        }
        finish = Together { try await book.finish($0) }
    }

    /// - Parameters:
    ///   - marking: the rule by which it is marked in the same breath; nil: it is marked already.
    ///   - known: what the engines told of it when the run was planned.
    ///   - looks: the engines that it may be on.
    func reap(_ preview: Preview, marking: Rule?, known: [EngineObject], _ looks: [EngineLook]) async throws {
        let began = ContinuousClock.now
        // Whoever has nothing on an engine need not wait for it.
        let busy = looks.filter { look in known.contains { $0.engine == look.engine.name } }
        let (owned, found) = try await Self.around(busy, { await $0.expect() }, { await $0.settle() }) {
            let beginning = PreviewBook.Beginning(preview: preview, marking: marking, known: known)
            guard let owned = try await begin(beginning) else {
                throw TeardownFault(marking == nil ? "it is no longer to go" : "it changed since this run began")
            }
            context.crashPoint("reap.begun")
            let slots = busy.isEmpty ? [elsewhere] : busy.map(\.slots)
            let found = try await Self.around(slots, { await $0.enter() }, { await $0.leave() }) {
                let found = try await look(preview, owned)
                try await delete(preview, owned.belongings, known, looks)
                return found
            }
            return (owned, found)
        }
        let late = try await probe(preview, owned.belongings, looks)
        context.crashPoint("reap.probed")
        let receipt = JSONValue.object([
            ("rule", .string(marking?.rawValue ?? preview.reapRule ?? "?")),
            ("objects", .array((owned.objects + late).map(JSONValue.string))),
            ("belongings", .array(owned.belongings.map { .string("\($0.kind.rawValue) \($0.name)") })),
            ("artifacts", .integer(found.artifacts)), ("bytes", .integer(Int(found.bytes))),
            ("milliseconds", .integer(Int((ContinuousClock.now - began).microseconds / 1000))),
        ])
        if let late = try await finish(PreviewBook.Receipt(preview: preview, details: receipt)) {
            throw TeardownFault("\(late.printable) was written down for it meanwhile: the next run goes on with that")
        }
        context.crashPoint("reap.receipt")
        context.count("reaped")
        context.count("reaped_bytes", Int(found.bytes))
    }

    /// Does something between a first and a last word to each of `others`, however it ends.
    private static func around<Other, Value>(
        _ others: [Other],
        _ first: (Other) async -> Void,
        _ last: (Other) async -> Void,
        _ body: () async throws -> Value
    ) async throws -> Value {
        for other in others { await first(other) }
        do {
            let value = try await body()
            for other in others { await last(other) }
            return value
        } catch {
            for other in others { await last(other) }
            throw error
        }
    }

    /// What it has, by the first run that looks: it is written down before anything goes, so that the receipt is right whoever ends it.
    private func look(_ preview: Preview, _ owned: PreviewBook.Begun) async throws -> PreviewBook.Found {
        if let found = owned.found { return found }
        var found = PreviewBook.Found()
        for each in owned.belongings { found.bytes += try await belongings.bytes(each, of: preview) }
        if let prefix = preview.artifactPrefix {
            let there = try await artifacts.size(of: prefix)
            found.artifacts = there.objects
            found.bytes += there.bytes
        }
        if found.artifacts > 0 || found.bytes > 0 {
            try await note(PreviewBook.Finding(preview: preview, found: found))
        }
        return found
    }

    private func delete(_ preview: Preview, _ owned: [Belonging], _ known: [EngineObject], _ looks: [EngineLook])
        async throws
    {
        for each in owned { try await belongings.delete(each, of: preview) }
        context.crashPoint("reap.belongings")
        try await delete(known, looks)
        context.crashPoint("reap.engines")
        if let prefix = preview.artifactPrefix {
            try await book.checkPrefix(prefix, preview)
            try await artifacts.delete(prefix)
        }
        context.crashPoint("reap.artifacts")
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
            guard try await begin(PreviewBook.Beginning(preview: preview, marking: nil, known: late)) != nil else {
                throw TeardownFault("it is no longer to go")
            }
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
