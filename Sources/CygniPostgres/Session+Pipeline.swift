import CPostgres

/// The statements of one pipeline, gathered before the first is sent.
package struct Batch {
    struct Entry {
        let statement: Statement
        let parameters: Parameters
        let isPrepared: Bool
    }

    private(set) var entries: [Entry] = []

    /// Adds a statement with its binds.
    package mutating func add(_ statement: Statement, _ binds: (any PostgresBindable)?...) {
        add(statement, binds: binds)
    }

    /// The same with the binds in an array.
    ///
    /// - Parameter isPrepared: for what runs many times on the connection: the server reads and plans it at its first use. Its text
    ///   should be one of a fixed few, as each stays on the server. What comes twice in a batch is prepared without it.
    package mutating func add(_ statement: Statement, binds: [(any PostgresBindable)?], isPrepared: Bool = false) {
        entries.append(Entry(statement: statement, parameters: Parameters(binds), isPrepared: isPrepared))
    }

    package var count: Int { entries.count }
}

extension Session {
    /// Runs many statements with one wait for the network, and returns the rows of each, in their order.
    ///
    /// Outside a transaction the batch is one by itself: when a statement fails, none of it is kept. A `body` that throws
    /// has sent nothing.
    ///
    /// - Throws: ``PostgresError`` of the first statement that failed; its `batchPlace` says which one it was and how many
    ///   behind it the server skipped.
    @discardableResult
    package func pipeline(_ body: (inout Batch) throws -> Void) throws -> [Rows] {
        var all: [Rows] = []
        try pipeline(body) { _, rows in all.append(rows) }
        return all
    }

    /// The same for batches whose results should not all be held: each goes to `take` with its place as it arrives.
    ///
    /// The batch is not over by then: a later statement may fail still. An error of `take` is thrown at the end, when the
    /// statements have run.
    package func pipeline(
        _ body: (inout Batch) throws -> Void,
        take: (_ index: Int, _ rows: Rows) throws -> Void
    ) throws {
        try canceller.check()
        var batch = Batch()
        try body(&batch)
        guard batch.count > 0 else { return }
        if let copy = batch.entries.first(where: { $0.statement.isCopy }) {
            throw PostgresError(.client, "COPY cannot be part of a batch", statement: copy.statement.name)
        }
        let run = PipelineRun(self, batch.entries)
        try run.enter()
        defer { run.leave() }
        try run.run(take)
    }
}
