import CygniJobs
import CygniModel
import CygniObjectStore
import CygniPostgres
import HTTPTypes

/// Whether what the server needs is there; of each part, what is wrong with it.
struct Readiness: Sendable {
    /// The last of the platform's migrations that the server needs.
    static let requiredMigration = 31

    let faults: [(part: String, fault: String?)]

    static let shape = Schema.named(
        "Readiness",
        .object([
            .init("ready", .boolean, ""),
            .init("parts", .map(.nullable(.text(0...10_000))), "By name, what is wrong with each; null: nothing."),
        ])
    )

    static func of(_ parts: ServerParts) async throws -> Readiness {
        async let database = fault {
            try await parts.database.platform(isReading: true) { session in
                try PlatformSchema.check(needing: requiredMigration, by: "the server", in: session)
            }
        }
        async let store = fault {
            guard try await parts.store.isThere() else { throw Missing() }
            _ = try await parts.store.head("cygni-readiness")
        }
        return Readiness(faults: [("database", await database), ("object_store", await store)])
    }

    private struct Missing: Error {}

    /// In few words: it is open to anybody.
    private static func fault(_ look: @escaping @Sendable () async throws -> Void) async -> String? {
        do {
            try await withTimeLimit(.seconds(5), look)
            return nil
        } catch let failure as JobFailure where failure.status == .configuration {
            return "the schema is older than the server: run cygni-migrate up"
        } catch is TimeLimitPassed {
            return "no answer within 5 s"
        } catch {
            return "out of reach"
        }
    }

    var isReady: Bool { faults.allSatisfy { $0.fault == nil } }

    var reply: Reply {
        let json = JSONValue.object([
            ("ready", .bool(isReady)), ("parts", .object(faults.map { ($0.part, .optional($0.fault)) })),
        ])
        return .json(json, isReady ? .ok : .serviceUnavailable, headers: [.cacheControl: "no-store"])
    }
}
