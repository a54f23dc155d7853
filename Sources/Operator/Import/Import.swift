import CygniLog
import CygniModel
import CygniPostgres

/// One import from its file to the report: batches are read while the one before is being written.
struct Import {
    let input: InputFile
    let table: ImportTable
    let options: ImportOptions
    /// Flags beside `options` that change what the rows become.
    let shape: [String]
    /// The machine's name, for the ledger.
    var host = ""

    private var job: String { table == .samples ? "import-metrics" : "import-logs" }

    /// Runs it.
    ///
    /// - Parameters:
    ///   - connection: nil for a dry run.
    ///   - parser: makes the format's parser for the places there are and the time it is.
    func run(
        _ connection: Connection?,
        parser: (PlaceDirectory, _ now: Int64) throws -> any RecordParser
    ) async throws -> ImportReport {
        let now = try await Self.now(connection)
        var report = ImportReport(
            job: job,
            noun: table == .samples ? "sample" : "line",
            input: input.name,
            isDryRun: connection == nil,
            startedAt: now,
            finishedAt: now
        )
        let start = ContinuousClock.now
        let rejects = RejectFile(path: options.rejectsPath, isDry: connection == nil)
        try rejects.check(isNot: input)
        if input.isStandardInput || options.afterLine > 0 { rejects.start = .another }
        let identity = ImportIdentity(input, options, more: [table.rawValue] + shape)
        var afterLine = options.afterLine
        if let connection, !options.again, afterLine == 0 {
            switch try await ImportBooks.earlier(job, identity, connection) {
            case .none: break
            case .finished(let at):
                report.alreadyAt = at
                return report
            case .unfinished(let line, let length, _):
                afterLine = line
                report.resumedAfter = line
                report.lines = line
                report.rejectsLength = length ?? 0
                rejects.start = .cut(length)
            }
        }
        if connection != nil { try rejects.start.check(rejects.path) }
        let places = try await directory(connection)
        let chosen = try parser(places, now.microseconds)
        var reader = BatchReader(input, chosen, rejects: rejects, afterLine: afterLine)
        try reader.takeHeading()
        var books: ImportBooks?
        if let connection { books = try await ImportBooks(report, identity, host: host, connection) }
        do {
            try await copy(&reader, connection, books, &report)
        } catch {
            try? await books?.close(report, error: error)
            throw error
        }
        report.rejected = rejects.count
        report.rejectsPath = rejects.path
        report.reasons = rejects.reasons
        report.bytes = input.bytesRead
        report.stoppedBy = StopRequest.signal
        report.finishedAt = now + (ContinuousClock.now - start)
        try await books?.close(report)
        return report
    }

    private func copy(
        _ reader: inout BatchReader,
        _ connection: Connection?,
        _ books: ImportBooks?,
        _ report: inout ImportReport
    ) async throws {
        let writer: BatchWriter? = if let connection { try await BatchWriter(connection, table) } else { nil }
        let progress = ProgressLine()
        defer { progress.clear() }
        var writing: Writing?
        do {
            while let batch = try reader.next() {
                try await settle(&writing, &report)
                var after = report
                after.lines = batch.lastLine
                after.rejected = batch.rejected
                after.rejectsLength = batch.rejectsLength
                after.bytes = input.bytesRead
                progress.show(Self.progress(after, input))
                var noted = after
                noted.written.rows += batch.rows
                guard let writer else {
                    report = noted
                    continue
                }
                let counts = noted.countsJSON
                let task = Task { try await writer.write(batch) { try books?.note(counts, $0) } }
                writing = Writing(task: task, after: after)
            }
            try await settle(&writing, &report)
        } catch {
            writing?.task.cancel()
            // It may have been kept all the same, and an import that goes on must then start behind it.
            try? await settle(&writing, &report)
            throw error
        }
    }

    /// A batch on its way, and the report as it is once the batch is kept: a batch that is not must not be counted.
    private struct Writing {
        var task: Task<BatchWriter.Written, any Error>
        var after: ImportReport
    }

    private func settle(_ writing: inout Writing?, _ report: inout ImportReport) async throws {
        guard let batch = writing else { return }
        writing = nil
        let done = try await batch.task.value
        report = batch.after
        report.written += done
    }

    private static func progress(_ report: ImportReport, _ input: InputFile) -> String {
        let share = input.size.map { $0 > 0 ? "  \(min(100, input.bytesRead * 100 / $0)) %" : "" } ?? ""
        return "\(input.name): \(report.lines.counted("line"))\(share)"
    }

    private static func now(_ connection: Connection?) async throws -> Timestamp {
        guard let connection else { return Timestamp.wallClock() }
        return try await connection.now()
    }

    private func directory(_ connection: Connection?) async throws -> PlaceDirectory {
        guard let connection else { return PlaceDirectory(policy: .assume) }
        let tenants = try await BatchWriter.places(connection)
        guard !options.create else { return PlaceDirectory(tenants, policy: .create) }
        // What the command line says is wrong for every row, so nothing is read then.
        if let tenant = options.tenant?.lowercased() {
            guard let known = tenants[tenant] else { throw missing("tenant", tenant, among: tenants.keys) }
            if let project = options.project?.lowercased(), known.projects[project] == nil {
                throw missing("project", project, among: known.projects.keys)
            }
        }
        return PlaceDirectory(tenants, policy: .refuse)
    }

    private func missing(_ what: String, _ name: String, among known: some Collection<String>) -> ImportError {
        let some = known.sorted().prefix(8).joined(separator: ", ")
        let there = known.isEmpty ? "there is none yet" : "there are \(some)\(known.count > 8 ? ", …" : "")"
        return ImportError(description: "there is no \(what) '\(name)' (\(there)); --create makes it")
    }
}
