import CygniJobs
import CygniModel
import CygniPostgres
import FoundationEssentials

extension RetentionSteps {
    /// Deletes rows of a table, oldest first, in batches that follow the time column.
    ///
    /// Holds are read anew with each batch, and none is set while one runs.
    func delete(from table: RetentionFacts.RowTable, _ due: RetentionFacts.RowTable.Due) async throws {
        var pacer = BatchPacer(first: 2000, settings: settings.pace)
        var pressure = Pressure(settings: settings.pace)
        let item = due.slug.map { "\(table.policy) of \($0)" } ?? table.policy
        let wal = try await wal()
        var receipt = try await context.read { session in
            try session.query(Self.statements["unfinished"], table.policy, item).first?.get("id", as: String.self)
        }
        var cursor: Timestamp?
        _ = try await pressure.look(took: .zero, context)
        while true {
            try await context.checkpoint()
            context.crashPoint("purge.before-batch")
            let clock = ContinuousClock()
            let start = clock.now
            let batch = try await deleteBatch(of: table, due, item, size: pacer.size, after: cursor, receipt)
            context.crashPoint("purge.after-batch")
            receipt = batch.receipt
            context.count("deleted_rows", batch.deleted)
            guard batch.deleted > 0 else { break }
            cursor = batch.last
            let pause = pacer.observe(try await pressure.look(took: clock.now - start, context))
            if pause > .zero { try await Task.sleep(for: pause) }
        }
        if let receipt { try await finish(receipt, wal: try await self.wal() - wal) }
    }

    private func deleteBatch(
        of table: RetentionFacts.RowTable,
        _ due: RetentionFacts.RowTable.Due,
        _ item: String,
        size: Int,
        after cursor: Timestamp?,
        _ receipt: String?
    ) async throws -> (receipt: String?, deleted: Int, last: Timestamp?) {
        let exceptions = policies[table.policy]?.exceptions.map(\.tenant) ?? []
        let (run, policy) = (run, policy(table.policy))
        return try await context.transaction { session in
            _ = try session.query(Self.statements["freeze_holds"])
            var table = table
            table.holds = try session.query(RetentionFacts.statements["holds"], [table.policy], due.before)
                .map(RetentionFacts.RowTable.Hold.init(row:))
            let predicate = RowPredicate(table, due, exceptions: exceptions)
            let from = cursor.map { " AND \(predicate.time) >= '\($0)'" } ?? ""
            let wanted = "\(predicate.isDue)\(from) AND \(predicate.notHeld)"
            // sql-here: the table is the operator's
            let doomed = "SELECT ctid FROM \(table.relation) WHERE \(wanted) ORDER BY \(predicate.time) LIMIT \(size)"
            // sql-here: the same
            let these = "ctid = ANY (ARRAY(SELECT ctid FROM doomed)) AND \(wanted)"
            // sql-here: the same
            let gone = "DELETE FROM \(table.relation) WHERE \(these) RETURNING \(predicate.time) AS at"
            let parts = "WITH doomed AS MATERIALIZED (\(doomed)), gone AS (\(gone))"
            // sql-here: a part of what stands above
            let text = "\(parts) SELECT count(*) AS deleted, min(at) AS first, max(at) AS last FROM gone"
            let clock = ContinuousClock()
            let start = clock.now
            let row = try session.query(Statement("retention_steps.delete_rows", text))[0]
            let took = (clock.now - start) / .milliseconds(1)
            let deleted: Int = try row.get("deleted")
            guard deleted > 0 else { return (receipt, 0, nil) }
            let id =
                try receipt
                ?? session.query(Self.statements["open_purge"], run, policy, table.policy, item, "delete", due.before)[
                    0
                ]
                .get("id", as: String.self)
            let first: Timestamp? = try row.get("first")
            try session.query(Self.statements["add_rows"], UUID(uuidString: id), deleted, took, first)
            context.crashPoint("purge.in-batch")
            return (id, deleted, try row.get("last", as: Timestamp?.self))
        }
    }
}
