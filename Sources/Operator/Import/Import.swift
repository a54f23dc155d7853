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
        report.rejectsPath = rejects.path
        let identity = ImportIdentity(input, options, more: [table.rawValue] + shape)
        var afterLine = options.afterLine
        if let connection, !options.again, afterLine == 0 {
            switch try await ImportBooks.earlier(job, identity, connection) {
            case .none: break
            case .finished(let at):
                report.alreadyAt = at
                return report
            case .unfinished(let line, _):
                afterLine = line
                report.resumedAfter = line
            }
        }
        let places = try await directory(connection)
        let chosen = try parser(places, now.microseconds)
        var reader = BatchReader(input, chosen, rejects: rejects, afterLine: afterLine)
        var books: ImportBooks?
        if let connection { books = try await ImportBooks(job, identity, report.runID, host: host, connection) }
        do {
            try await copy(&reader, connection, books, &report)
        } catch {
            try? await books?.close(report, error: ToolFailure.words(for: error))
            throw error
        }
        report.rejected = rejects.count
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
        var writing: Task<BatchWriter.Written, any Error>?
        do {
            while let batch = try reader.next() {
                if let done = try await writing?.value { report.written += done }
                writing = nil
                report.lines = batch.lastLine
                report.rejected = batch.rejected
                report.bytes = input.bytesRead
                progress.show(Self.progress(report, input))
                guard let writer else {
                    report.written.rows += batch.rows
                    continue
                }
                var counts = report
                counts.written.rows += batch.rows
                let noted = counts.countsJSON
                writing = Task { try await writer.write(batch) { try books?.note(noted, $0) } }
            }
            if let done = try await writing?.value { report.written += done }
        } catch {
            writing?.cancel()
            _ = await writing?.result
            throw error
        }
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
