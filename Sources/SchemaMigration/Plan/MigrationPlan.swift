/// What `up` has to do and what stands in its way: files against ledger, without a look at anything else.
package struct MigrationPlan: Sendable {
    /// A file and what the ledger has of it.
    package struct Entry: Sendable {
        package var file: MigrationFile
        package var applied: AppliedMigration?
    }

    /// Each file of the set in order.
    package let entries: [Entry]
    /// Everything that contradicts; empty before anything may be applied.
    package let drifts: [Drift]

    /// The files to apply, in order.
    package var pending: [MigrationFile] {
        entries.filter { $0.applied == nil }.map(\.file)
    }

    /// - Parameter allowsOutOfOrder: a file that comes before an applied one is applied late instead of refused.
    package init(set: MigrationSet, applied: [AppliedMigration], allowsOutOfOrder: Bool = false) {
        let rows = Dictionary(applied.map { ($0.version, $0) }, uniquingKeysWith: { first, _ in first })
        entries = set.files.map { Entry(file: $0, applied: rows[$0.version]) }
        var drifts = entries.compactMap { Drift.edited($0.file, $0.applied, in: set) }
        let known = Set(set.files.map(\.version))
        let newestFile = set.files.last?.version
        for row in applied where !known.contains(row.version) {
            drifts.append(Drift.withoutFile(row, newestFile: newestFile, in: set))
        }
        if !allowsOutOfOrder, let newest = applied.max(by: { $0.version < $1.version }) {
            drifts += entries.filter { $0.applied == nil && $0.file.version < newest.version }
                .map { Drift.outOfOrder($0.file, behind: newest, in: set) }
        }
        self.drifts = drifts.sorted { $0.file < $1.file }
    }

    /// The files to revert for `down count`, newest first.
    ///
    /// - Throws: ``MigrationFileErrors`` when one of them has nothing to revert it with.
    package func reverting(_ count: Int) throws(MigrationFileErrors) -> [MigrationFile] {
        let files = entries.filter { $0.applied != nil }.map(\.file).suffix(count).reversed()
        let faults = files.filter { $0.down?.statements.isEmpty ?? true }.map { file in
            MigrationFileError(
                path: file.path,
                line: file.down?.firstLine,
                file.down == nil
                    ? "no '-- migrate:down' section, so it cannot be reverted: restore a backup, or write the reverse "
                        + "as a new migration"
                    : "the down section is empty, so nothing would be reverted: write what undoes the file as a new "
                        + "migration"
            )
        }
        guard faults.isEmpty else { throw MigrationFileErrors(faults: faults) }
        return Array(files)
    }
}
