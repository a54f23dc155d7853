import CygniJobs
import CygniModel
package import CygniPostgres

extension Migrator {
    /// Applies the files that the ledger has to a throw-away database, and compares what they make with the database.
    ///
    /// - Parameters:
    ///   - scratch: where to make the throw-away database; nil: on the same server.
    ///   - ignored: names that do not count.
    /// - Throws: ``DriftError`` when files and ledger contradict each other; ``JobFailure`` when the files do not run.
    package func schemaDrift(
        scratch: ConnectionOptions? = nil,
        ignoring ignored: [NamePattern] = []
    ) async throws -> [SchemaDifference] {
        let inspection = try await inspect()
        guard inspection.plan.drifts.isEmpty else { throw DriftError(drifts: inspection.plan.drifts) }
        let files = inspection.plan.entries.filter { $0.applied != nil }.map(\.file)
        if scratch == nil { try set.refuseSharedObjects(in: files) }
        let applied = try MigrationSet(name: set.name, origin: set.origin, files: files, isPlatform: set.isPlatform)
        let expected = try await ScratchDatabase.with(scratch ?? options) { options in
            var migrator = Migrator(set: applied, options: options, toolVersion: toolVersion)
            migrator.events.checkpoint = events.checkpoint
            do {
                try await migrator.up()
            } catch let failure as MigrationFailure {
                throw JobFailure("the applied files do not run in an empty database: \(failure)")
            }
            return try await SchemaObject.all(options)
        }
        let found = try await SchemaObject.all(options)
        let own = set.isPlatform ? PlatformMigrations.madeByJobs : []
        let differences = SchemaDifference.all(expected: expected, found: found, ignoring: ignored + own)
        guard set.isPlatform else { return differences }
        return differences.filter { $0.kind != .differs || !PlatformMigrations.rewrittenByJobs.contains($0.object) }
    }
}
