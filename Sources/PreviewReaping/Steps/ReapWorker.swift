import CygniJobs
import CygniModel
import CygniObjectStore

/// Carries a plan out, several previews at once.
struct ReapWorker: Sendable {
    private let settings: ReapSettings
    private let book: PreviewBook
    private let sides: Sides
    private let teardown: Teardown
    private let notices: Notices

    init(_ settings: ReapSettings, _ book: PreviewBook, _ store: any ObjectStore, _ environment: [String: String])
        throws
    {
        self.settings = settings
        self.book = book
        sides = try Sides(settings, book, environment)
        teardown = Teardown(
            context: book.context,
            book: book,
            engines: sides.engines,
            belongings: Belongings(settings: settings.belongings),
            artifacts: Artifacts(store: store)
        )
        notices = try Notices(book.context, settings.notice, sides.forges)
    }

    func carryOut(_ entries: [ReapPlan.Entry]) async throws {
        let context = book.context
        try await withThrowingTaskGroup(of: Void.self) { group in
            var inHand = 0
            for entry in entries {
                if inHand >= settings.concurrency {
                    try await group.next()
                    inHand -= 1
                }
                group.addTask { try await context.perform(entry.item) { try await work(entry.step) } }
                inHand += 1
            }
            try await group.waitForAll()
        }
    }

    private func work(_ step: ReapStep) async throws {
        let context = book.context
        switch step {
        case .mark(let preview, let rule, let grace, let deletes):
            try await book.mark(preview, rule, grace: grace)
            context.count("marked")
            context.crashPoint("reap.marked")
            if deletes { try await teardown.reap(preview, rule: rule.rawValue) }
        case .restore(let preview, let why):
            try await book.restore(preview, why)
            context.count("restored")
        case .reap(let preview): try await teardown.reap(preview, rule: preview.reapRule ?? "?")
        case .notify(let preview, let why, let at): try await notices.send(preview, why, at: at)
        case .removeOrphan(let object):
            guard let engine = sides.engines.first(where: { $0.name == object.engine }) else { return }
            // A preview of that id may have been written down since.
            guard try await !book.orphans([object]).isEmpty else {
                throw TeardownFault("there is a preview for it by now")
            }
            try await engine.delete(object)
            context.count("orphans_removed")
        }
    }
}
