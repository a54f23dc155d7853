import CygniJobs
import CygniLog
import CygniModel
import CygniPostgres
import CygniTestSupport
import Glibc
import Logging
import Synchronization

/// A job that writes a row per item and leaves out those that stand already.
struct ListJob: Job {
    static let name = "list-job"

    struct Plan: JobPlan {
        let items: [PlannedItem]
        let counts: [String: Int]
    }

    struct Refused: Error, CustomStringConvertible {
        let description = "refused"
    }

    var items: [String]
    /// Called before the row of an item is written, inside the item.
    var before: @Sendable (String, JobContext) async throws -> Void = { _, _ in }
    var after: @Sendable (String, JobContext) async throws -> Void = { _, _ in }

    func plan(_ context: JobContext) async throws -> Plan {
        let done = try await context.read { session in
            try session.query(Statement("done", "SELECT item FROM public.done")).map {
                try $0.get("item", as: String.self)
            }
        }
        let due = items.filter { !done.contains($0) }
        let chosen = context.limit == 0 ? due : Array(due.prefix(context.limit))
        return Plan(
            items: chosen.map { PlannedItem(id: $0, action: "write", reason: "missing") },
            counts: ["due": due.count]
        )
    }

    func apply(_ plan: Plan, _ context: JobContext) async throws {
        let fence = context.fence.map(Int.init)
        for item in plan.items {
            try await context.perform(item) {
                try await before(item.id, context)
                try await context.transaction { session in
                    try session.query(
                        Statement("write", "INSERT INTO public.done (item, fence) VALUES ($1, $2)"),
                        item.id,
                        fence
                    )
                    return
                }
                context.count("written")
                try await after(item.id, context)
            }
        }
    }
}

extension RunIdentity {
    static func test(job: String = ListJob.name) -> RunIdentity {
        RunIdentity(job: job, host: "test-host", pid: 4711, version: "1.2.3", logger: .silent)
    }
}

extension Logger {
    static let silent =
        getenv("CYGNI_TEST_LOG") == nil
        ? Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() }
        : .standardError(label: "test", level: .debug, format: .text)
}

extension RunSettings {
    static func test(_ database: TestDatabase) -> RunSettings {
        var options = database.options()
        options.role = "cygni_jobs"
        var settings = RunSettings(database: options)
        settings.pause = .milliseconds(200)
        settings.heartbeat = .milliseconds(200)
        return settings
    }
}

/// Something that was waited for and came.
final class Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func send() {
        continuation.yield()
    }

    func wait() async {
        for await _ in stream { return }
    }
}

/// True the first time.
final class Once: Sendable {
    private let isDone = Mutex(false)

    func first() -> Bool {
        isDone.withLock { isDone in
            defer { isDone = true }
            return !isDone
        }
    }
}
