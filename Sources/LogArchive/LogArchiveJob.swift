import CygniArchive
package import CygniConfig
package import CygniJobs
import CygniLog
import CygniModel
package import CygniObjectStore

/// Archives closed days of tables and rotated log files into the object store, each proven before its receipt.
package struct LogArchiveJob: Job {
    package static let name = "log-archive"
    package static let requiredMigration = 22

    let settings: ArchiveSettings
    let store: any ObjectStore
    let seal: FrameSeal?
    let opener: FrameOpener?

    /// - Throws: ``JobFailure`` for a certificate or key that cannot be used.
    package init(settings: ArchiveSettings, store: any ObjectStore) throws {
        self.settings = settings
        self.store = store
        (seal, opener) = try ArchiveKeys.load(settings.encryption)
    }

    /// The same with the store that the shared settings name.
    package init(settings: ArchiveSettings, objectStore: ObjectStoreSettings) throws {
        try self.init(settings: settings, store: objectStore.open(now: { .wallClock() }))
    }

    package func plan(_ context: JobContext) async throws -> ArchivePlan {
        var facts = try await context.read { session in
            try ArchiveFacts.read(now: context.now, host: context.host, settings: settings, in: session)
        }
        do {
            try await facts.look(into: store, settings)
        } catch let error as ObjectStoreError where error.kind == .unavailable {
            throw JobFailure("\(error)", status: .unavailable)
        }
        var plan = ArchivePlan(facts: facts, settings: settings, limit: context.limit)
        plan.showsSkipped = context.isDryRun
        return plan
    }

    package func apply(_ plan: ArchivePlan, _ context: JobContext) async throws {
        FileDisposal.recover(settings.files.values.flatMap(\.paths))
        let steps = ArchiveSteps(settings: settings, store: store, seal: seal, opener: opener, context: context)
        var slices: [ArchivePlan.Entry] = []
        var files: [ArchivePlan.Entry] = []
        for entry in plan.entries {
            switch entry.step {
            case .slice: slices.append(entry)
            case .file: files.append(entry)
            default: try await context.perform(entry.item) { try await steps.apply(entry.step) }
            }
        }
        try await apply(slices, steps, context, parallel: Self.parallelSlices)
        try await apply(files, steps, context, parallel: Self.parallelFiles)
    }

    private func apply(
        _ entries: [ArchivePlan.Entry],
        _ steps: ArchiveSteps,
        _ context: JobContext,
        parallel: Int
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, entry) in entries.enumerated() {
                if index >= parallel { try await group.next() }
                group.addTask { try await context.perform(entry.item) { try await steps.apply(entry.step) } }
            }
            try await group.waitForAll()
        }
    }

    /// Ranges of tables in work at once: while one is stored and read back, the next is read.
    private static let parallelSlices = 2
    /// Files in work at once: while one waits for the store, another is packed.
    private static let parallelFiles = 10
}
