import CygniPostgres

extension Migrator {
    /// Notes the files up to a version as applied without running them, for a database that has what they make already.
    ///
    /// - Returns: the files that were noted by this call; none when the ledger had them all.
    /// - Throws: ``BaselineRefused``, ``DriftError``, ``MigrationLockBusy``, `PostgresError`.
    package func baseline(_ version: MigrationVersion) async throws -> [MigrationFile] {
        let connection = try await connect()
        try await lock(connection)
        let files = try await baselinePlan(version, inspect(connection))
        guard !files.isEmpty else {
            await connection.close()
            return []
        }
        _ = try await prepare(connection, inspect(connection).facts)
        let (ledger, toolVersion) = (ledger, toolVersion)
        try await connection.transaction { session in
            for file in files { try ledger.record(file, took: .zero, by: "\(toolVersion), baseline", session) }
        }
        await connection.close()
        return files
    }

    /// What ``baseline(_:)`` would note.
    package func baselinePlan(_ version: MigrationVersion) async throws -> [MigrationFile] {
        try baselinePlan(version, await inspect())
    }

    private func baselinePlan(_ version: MigrationVersion, _ inspection: Inspection) throws -> [MigrationFile] {
        guard !set.isPlatform else { throw BaselineRefused("the platform's schema is made by 'up' alone") }
        guard set.file(of: version) != nil else {
            throw BaselineRefused("\(set.origin) has no file of version \(version)")
        }
        // That an older file is missing in the ledger is what a baseline is for.
        let drifts = inspection.plan.drifts.filter { $0.kind != .outOfOrder }
        guard drifts.isEmpty else { throw DriftError(drifts: drifts) }
        if let newer = inspection.facts.applied.first(where: { $0.version > version }) {
            throw BaselineRefused("'\(newer.name)' is applied already: a baseline comes before the first 'up'")
        }
        return inspection.plan.pending.filter { $0.version <= version }
    }
}

/// The ledger was not touched.
package struct BaselineRefused: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ why: String) {
        description = "\(why); nothing was noted"
    }
}
