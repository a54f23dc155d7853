import CygniModel
import CygniPostgres
import FoundationEssentials
import Synchronization

/// Whether projects and deployments that rows name are their tenant's; what was found to be is remembered for a while.
final class OwnerBook: Sendable {
    private static let statements = ServerStatements.ingest
    private static let keptFor = Duration.seconds(60)
    private static let mostKept = 100_000

    private struct Key: Hashable {
        let tenant: UUID
        let owner: IngestRows.Owner
    }

    private let known = Mutex<[Key: ContinuousClock.Instant]>([:])

    /// - Throws: ``Problem`` that names the first row of each that is not the tenant's.
    func check(_ rows: IngestRows, of tenant: UUID, _ database: ServerDatabase) async throws {
        let now = ContinuousClock.now
        let unknown = known.withLock { known in
            rows.owners.filter { known[Key(tenant: tenant, owner: $0.key)].map { now - $0 > Self.keptFor } ?? true }
        }.sorted { $0.value < $1.value }
        guard !unknown.isEmpty else { return }
        let strange = try await database.read(
            tenant,
            Self.statements["strange_owners"],
            binds: [unknown.map(\.key.project), unknown.map(\.key.deployment)]
        ) { rows in try rows.map { try $0.get("place", as: Int.self) - 1 } }
        guard strange.isEmpty else {
            var faults = IngestFaults()
            for place in strange { faults.add(Self.place(rows, unknown[place]), Self.rule(unknown[place])) }
            return try faults.raise()
        }
        known.withLock { known in
            if known.count + unknown.count > Self.mostKept { known.removeAll() }
            for (owner, _) in unknown { known[Key(tenant: tenant, owner: owner)] = now }
        }
    }

    private static func place(_ rows: IngestRows, _ entry: (key: IngestRows.Owner, value: Int)) -> String {
        let item = rows.table == .logs ? "/\(entry.value)" : "/samples/\(entry.value)"
        return item + (entry.key.deployment == nil ? "/project_id" : "/deployment_id")
    }

    private static func rule(_ entry: (key: IngestRows.Owner, value: Int)) -> String {
        let what = entry.key.deployment == nil ? "project" : "deployment of such a project"
        return "row \(entry.value + 1): must be a \(what) of the tenant's own"
    }
}
