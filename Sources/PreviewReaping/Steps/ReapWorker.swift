import CygniEngines
import CygniJobs
import CygniModel
import CygniObjectStore

/// Carries a plan out, several previews at once; an engine that is slow holds up only what is on it.
struct ReapWorker: Sendable {
    private let settings: ReapSettings
    private let book: PreviewBook
    private let sides: Sides
    private let looks: [EngineLook]
    private let teardown: Teardown
    private let notices: Notices
    private let mark: Together<PreviewBook.Marking, Bool>

    /// What goes on at once, each by itself.
    private enum Lane: Hashable {
        case notices
        case ledger
        /// Previews that may be on these; none for those that run nowhere.
        case engines([String])
    }

    /// So many previews are in hand at once: more than may delete, as the others wait to be told what is left.
    private static let inHand = 64

    init(_ settings: ReapSettings, _ book: PreviewBook, _ sides: Sides, _ store: any ObjectStore) throws {
        (self.settings, self.book, self.sides) = (settings, book, sides)
        mark = Together { try await book.mark($0) }
        looks = sides.engines.map { EngineLook($0, limit: sides.concurrency[$0.name] ?? settings.concurrency) }
        teardown = Teardown(
            book,
            try Belongings(settings.belongings, platform: sides.platform, context: book.context),
            Artifacts(store: store),
            limit: settings.concurrency
        )
        notices = try Notices(book.context, settings.notice, sides.forges)
    }

    /// What ends the whole run lets everything that is in hand come to its own end, and begins nothing more.
    ///
    /// - Parameter known: what the engines told of the previews that go.
    func carryOut(_ entries: [ReapPlan.Entry], known: [String: [EngineObject]]) async throws {
        let lanes = Dictionary(grouping: entries) { lane(of: $0.step) }
        let failure = await withTaskGroup(of: (any Error)?.self) { group in
            for (lane, entries) in lanes {
                let limit = lane == .notices ? settings.concurrency : Self.inHand
                group.addTask { await carryOut(entries, known, atOnce: limit) }
            }
            return await group.reduce(nil) { $0 ?? $1 }
        }
        if let failure { throw failure }
    }

    /// - Returns: what ended it before all was done.
    private func carryOut(_ entries: [ReapPlan.Entry], _ known: [String: [EngineObject]], atOnce limit: Int)
        async -> (any Error)?
    {
        let context = book.context
        return await withTaskGroup(of: (any Error)?.self) { group in
            var failure: (any Error)?
            var inHand = 0
            for entry in entries {
                if inHand >= limit, let ended = await group.next() {
                    failure = failure ?? ended
                    inHand -= 1
                }
                guard failure == nil else { break }
                group.addTask {
                    do {
                        try await context.perform(entry.item) { try await work(entry.step, known) }
                        return nil
                    } catch { return error }
                }
                inHand += 1
            }
            return await group.reduce(failure) { $0 ?? $1 }
        }
    }

    private func lane(of step: ReapStep) -> Lane {
        switch step {
        case .mark(let preview, _, _, deletes: true), .reap(let preview):
            .engines(preview.engines(of: sides.engines.map(\.name)))
        case .removeOrphan(let object): .engines([object.engine])
        case .mark, .restore: .ledger
        case .notify: .notices
        }
    }

    private func work(_ step: ReapStep, _ known: [String: [EngineObject]]) async throws {
        let context = book.context
        switch step {
        case .mark(let preview, let rule, _, deletes: true):
            try await reap(preview, marking: rule, known)
            context.count("marked")
        case .mark(let preview, let rule, let grace, deletes: false):
            guard try await mark(PreviewBook.Marking(preview: preview, rule: rule, grace: grace)) else {
                throw TeardownFault("it changed since this run began")
            }
            context.count("marked")
            context.crashPoint("reap.marked")
        case .restore(let preview, let why):
            try await book.restore(preview, why)
            context.count("restored")
        case .reap(let preview): try await reap(preview, marking: nil, known)
        case .notify(let preview, let why, let at): try await notices.send(preview, why, at: at)
        case .removeOrphan(let object):
            guard let engine = sides.engines.first(where: { $0.name == object.engine }) else { return }
            // A preview of that id may have been written down since.
            guard try await !book.orphans([object]).isEmpty else {
                throw TeardownFault("there is a preview for it by now")
            }
            // Written down before as well: of what is deleted by a run that is killed right then there is a record.
            try await book.tell("preview.orphan_removing", object)
            try await engine.delete(object)
            try await book.tell("preview.orphan_removed", object)
            context.count("orphans_removed")
        }
    }

    private func reap(_ preview: Preview, marking: Rule?, _ known: [String: [EngineObject]]) async throws {
        let names = preview.engines(of: sides.engines.map(\.name))
        let objects = known[preview.name, default: []].filter { names.contains($0.engine) }
        let looks = looks.filter { names.contains($0.engine.name) }
        try await teardown.reap(preview, marking: marking, known: objects, looks)
    }
}
