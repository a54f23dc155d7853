import CygniPostgres

extension Migrator {
    /// Reverts the last `count` applied files, newest first.
    ///
    /// - Returns: the files reverted.
    /// - Throws: as ``up()``, and ``MigrationFileErrors`` when one of them cannot be reverted; nothing has been then.
    @discardableResult
    package func down(_ count: Int) async throws -> [MigrationFile] {
        // Chosen once: after a lost connection the last ones are no longer the ones that were meant.
        var chosen: [MigrationFile]?
        return try await Reconnecting(retries: retries, events: events).run { state in
            let connection = try await connect()
            try await lock(connection)
            let inspection = try await refusingDrift(connection)
            let files = try chosen ?? inspection.plan.reverting(count)
            chosen = files
            let applied = Set(inspection.facts.applied.map(\.version))
            let remaining = files.filter { applied.contains($0.version) }
            state.settle(.down, pending: remaining, events)
            if !remaining.isEmpty {
                let role = try await prepare(connection, inspection.facts)
                for file in remaining {
                    guard let section = file.down else { continue }
                    try await run(file, .down, section, role, connection, &state)
                }
            }
            await connection.close()
        }
    }
}
