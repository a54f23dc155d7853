import CygniJobs
import CygniModel
import CygniPostgres
import FoundationEssentials

extension RetentionSteps {
    /// Deletes rows of a table in batches: along the time column's index, oldest first, or through its pages.
    ///
    /// Holds are read anew with each batch, and none is set while one runs.
    func delete(from table: RetentionFacts.RowTable, _ due: RetentionFacts.RowTable.Due) async throws {
        var walk: RowWalk? = RowWalk(table)
        var pacer = BatchPacer(first: RowWalk(table).firstSize, settings: settings.pace)
        var pressure = Pressure(settings: settings.pace)
        let item = due.slug.map { "\(table.policy) of \($0)" } ?? table.policy
        let wal = try await wal()
        var receipt = try await context.read { session in
            try session.query(Self.statements["unfinished"], table.policy, item).first?.get("id", as: String.self)
        }
        _ = try await pressure.look(took: .zero, context)
        while let place = walk {
            try await context.checkpoint()
            context.crashPoint("purge.before-batch")
            let clock = ContinuousClock()
            let start = clock.now
            let batch = try await deleteBatch(of: table, due, item, size: pacer.size, at: place, receipt)
            context.crashPoint("purge.after-batch")
            receipt = batch.receipt
            context.count("deleted_rows", batch.deleted)
            walk = batch.next
            let pause = pacer.observe(try await pressure.look(took: clock.now - start, context))
            if pause > .zero, walk != nil { try await Task.sleep(for: pause) }
        }
        if let receipt { try await finish(receipt, wal: try await self.wal() - wal) }
    }

    private func deleteBatch(
        of table: RetentionFacts.RowTable,
        _ due: RetentionFacts.RowTable.Due,
        _ item: String,
        size: Int,
        at place: RowWalk,
        _ receipt: String?
    ) async throws -> (receipt: String?, deleted: Int, next: RowWalk?) {
        let exceptions = policies[table.policy]?.exceptions.map(\.tenant) ?? []
        let (run, policy) = (run, policy(table.policy))
        return try await context.transaction { session in
            _ = try session.query(Self.statements["begin_batch"], !settings.pace.isOn)
            var table = table
            table.holds = try session.query(RetentionFacts.statements["holds"], [table.policy], due.before)
                .map(RetentionFacts.RowTable.Hold.init(row:))
            let predicate = RowPredicate(table, due, exceptions: exceptions)
            let batch = RowBatch(relation: table.relation, predicate: predicate, size: size)
            let clock = ContinuousClock()
            let start = clock.now
            let result = try batch.run(at: place, pages: table.pages, in: session)
            let took = (clock.now - start) / .milliseconds(1)
            guard result.deleted > 0 else { return (receipt, 0, result.next) }
            let id =
                try receipt
                ?? session.query(Self.statements["open_purge"], run, policy, table.policy, item, "delete", due.before)[
                    0
                ]
                .get("id", as: String.self)
            try session.query(Self.statements["add_rows"], UUID(uuidString: id), result.deleted, took, result.first)
            context.crashPoint("purge.in-batch")
            return (id, result.deleted, result.next)
        }
    }
}

extension RowBatch {
    /// Deletes one batch.
    ///
    /// - Returns: how many rows, the earliest of their times, and where to go on; nil at the end.
    func run(at place: RowWalk, pages: Int, in session: Session) throws -> (
        deleted: Int, first: Timestamp?, next: RowWalk?
    ) {
        func deletion(_ text: String) -> Statement { Statement("retention_steps.delete_rows", text) }
        switch place {
        case .pages(let page):
            let row = try session.query(deletion(delete(pagesFrom: page)))[0]
            let end = page + size
            return (try row.get("deleted"), try row.get("first"), end < pages ? .pages(from: end) : nil)
        case .time(let cursor):
            let span = try session.query(Statement("retention_steps.next_rows", span(from: cursor)))[0]
            guard let first = try span.get("first", as: Timestamp?.self) else { return (0, nil, nil) }
            let last = try span.get("last", as: Timestamp?.self)
            // More rows than a batch may be of one moment.
            let text = last == first ? delete(at: first) : delete(from: first, to: last)
            return (try session.query(deletion(text)).affected, first, last.map { .time($0) })
        }
    }
}
