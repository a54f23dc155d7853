import CygniArchive
import CygniJobs
import CygniModel
import CygniPostgres
import FoundationEssentials

extension ArchiveSteps {
    /// Archives a range of a table.
    func archive(_ source: TableSource, _ range: Range<Timestamp>) async throws {
        context.crashPoint("archive.before-read")
        let (writer, layout, result) = try await read(source, range, since: nil)
        guard result.rows > 0 else { return context.count("ranges_without_rows") }
        let manifest = try describe(source, range, part: 0, writer, layout, result)
        context.crashPoint("archive.read")
        _ = try await store(manifest, writer.spool, state: result.state.json)
    }

    /// Archives what came to a range after its last archive: the rows that its snapshot did not see.
    func supplement(_ source: TableSource, _ range: Range<Timestamp>) async throws {
        let parts = try await context.read { session in
            try session.query(Self.statements["parts"], source.name, range.lowerBound, range.upperBound)
                .map(ArchivedPart.init(row:))
        }
        guard let last = parts.last else { return }
        guard let state = last.state, let snapshot = state.snapshot, state.cluster == source.state.cluster else {
            return try await compare(source, range, parts)
        }
        let (writer, layout, result) = try await read(source, range, since: snapshot)
        var archived = RowDigest()
        for part in parts { archived.add(part.digest) }
        if result.rows > 0, state.filenode != source.state.filenode, result.known != archived {
            // A rewrite of the table (ALTER TABLE) gave old rows new transaction numbers.
            return try await compare(source, range, parts)
        }
        if result.rows > 0 {
            let manifest = try describe(source, range, part: last.part + 1, writer, layout, result)
            _ = try await store(manifest, writer.spool, state: result.state.json)
            context.count("late_rows", manifest.rows)
        } else {
            try await noteUnchanged(last, result.state)
        }
    }

    /// Where transaction numbers tell nothing, as in a restored database: the rows are those that were archived, or nobody
    /// can say which are new.
    private func compare(_ source: TableSource, _ range: Range<Timestamp>, _ parts: [ArchivedPart]) async throws {
        let (writer, layout, result) = try await read(source, range, since: nil)
        let manifest = try describe(source, range, part: 0, writer, layout, result)
        var archived = RowDigest()
        for part in parts { archived.add(part.digest) }
        guard manifest.rowDigest == archived.hex else {
            let rows = parts.reduce(0) { $0 + $1.rows }
            throw JobFailure(
                """
                the rows of \(source.name) are not those that were archived (\(manifest.rows) now, \(rows) then), and as the \
                table was rewritten or restored since, new rows cannot be told from old ones; restore the archive beside \
                it (cygni archive restore) and compare
                """
            )
        }
        if let last = parts.last { try await noteUnchanged(last, result.state) }
    }

    private func noteUnchanged(_ part: ArchivedPart, _ state: SourceState) async throws {
        context.count("ranges_unchanged")
        try await context.transaction { session in
            _ = try session.query(Self.statements["unchanged"], UUID(uuidString: part.id), state.json)
        }
    }

    private func read(
        _ source: TableSource,
        _ range: Range<Timestamp>,
        since snapshot: String?
    ) async throws -> (ObjectWriter, TableLayout, TableReading.Result) {
        guard let table = settings.tables[source.settings] else { throw JobFailure("no settings for \(source.name)") }
        let writer = try makeWriter()
        let (layout, result) = try await context.read { session in
            let name = table.table ?? "cygni.\(quoted(source.settings))"
            guard let relation = try session.query(ArchiveFacts.statements["relation"], name).first else {
                throw JobFailure("table \(name) is gone")
            }
            try requireUTF8(session)
            let layout = try TableLayout(table, table: name, oid: relation.get("oid"), in: session)
            let reading = TableReading(layout: layout, settings: settings)
            return (layout, try reading.read(source, range, since: snapshot, into: writer, session))
        }
        return (writer, layout, result)
    }

    /// Bytes of a SQL_ASCII database may be no text at all.
    private func requireUTF8(_ session: Session) throws {
        let encoding: String = try session.query(ArchiveFacts.statements["encoding"])[0].get("encoding")
        guard encoding != "SQL_ASCII" else {
            throw JobFailure("the database's encoding is SQL_ASCII, so its texts cannot be written as JSON")
        }
    }

    private func describe(
        _ source: TableSource,
        _ range: Range<Timestamp>,
        part: Int,
        _ writer: ObjectWriter,
        _ layout: TableLayout,
        _ result: TableReading.Result
    ) throws -> Manifest {
        var manifest = Manifest(source: source.name)
        manifest.part = part
        manifest.rangeStart = range.lowerBound.rfc3339
        manifest.rangeEnd = range.upperBound.rfc3339
        manifest.table = layout.described
        manifest.tenants = result.tenants
        try writer.finish(&manifest)
        guard manifest.rows == result.rows else {
            throw JobFailure("\(result.rows) rows of \(source.name) were read and \(manifest.rows) written")
        }
        manifest.objectKey = ArchiveKey.table(source, range, part: part, manifest, prefix: settings.prefix)
        return manifest
    }
}

/// A verified part of a range.
private struct ArchivedPart: Sendable {
    let id: String
    let part: Int
    let rows: Int
    let digest: RowDigest
    let state: SourceState?

    init(row: Row) throws {
        id = try row.get("id")
        part = Int(try row.get("part", as: Int32.self))
        rows = try row.get("rows")
        digest = try row.get("row_digest", as: String?.self).flatMap { RowDigest(hex: $0) } ?? RowDigest()
        let text: String = try row.get("state")
        state = try? JSONDecoder().decode(SourceState.self, from: Data(text.utf8))
    }
}

extension Encodable {
    /// As it stands in `source_state`.
    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: (try? encoder.encode(self)) ?? Data("{}".utf8), as: UTF8.self)
    }
}
