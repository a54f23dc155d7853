import ArgumentParser
import CygniArchive
import CygniCommand
import CygniConfig
import CygniModel
import CygniPostgres
import LogArchive

/// `cygni archive restore`.
struct ArchiveRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put archived rows back into a table, or a log file's own bytes on stdout.",
        discussion: """
            Rows go into the table all at once, or not at all. You do that as yourself, not as the
            role of the jobs. Rows that are there already are not looked for: restore into a table
            beside, and compare. Without --table, a file's bytes come out as they were in the file,
            unpacked, and a table's rows as JSON lines.

            EXAMPLES
              cygni archive restore --source log_lines_p20261101 --table restored --create
              cygni archive restore --source log_lines --tenant acme --from 2026-11-01 --to 2026-11-02 --table public.acme
              cygni archive restore --source nginx/access.log@web1 > access.log
            """
    )

    @OptionGroup var selection: ArchiveSelection
    @OptionGroup var access: ArchiveAccess

    @Option(help: ArgumentHelp("The table that rows go into, schema.table.", valueName: "name"))
    var table: String?

    @Flag(help: "Make the table first, with the columns that were archived.")
    var create = false

    func validate() throws {
        if create, table == nil { throw ValidationError("--create needs --table") }
        guard selection.source != nil else {
            throw ValidationError("--source must say what is restored: cygni archive list shows what there is")
        }
    }

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings) {
            let connection = try await access.database.connect(surroundings)
            let filter = try await selection.filter(connection)
            let rows = try await selection.archives(connection)
            await connection.close()
            guard !rows.isEmpty else {
                throw ToolError("no proven archive is of '\(selection.source ?? "")'", status: .failure)
            }
            let (store, reader, _) = try access.open(surroundings)
            var manifests: [Manifest] = []
            for row in rows {
                guard let key = row.manifestKey else { continue }
                let manifest = try await ArchiveReader.manifest(key, in: store)
                if filter.mayMatch(manifest) { manifests.append(manifest) }
            }
            if let table {
                try await restore(manifests, filter, into: table, reader, surroundings)
            } else {
                try await print(manifests, filter, reader)
            }
            return .success
        }
    }

    private func print(_ manifests: [Manifest], _ filter: LineFilter, _ reader: ArchiveReader) async throws {
        let output = LineSink()
        for manifest in manifests {
            var left = manifest.rows
            let isFile = manifest.file != nil
            let endsInNewline = manifest.file?.endsInNewline ?? true
            _ = try await reader.read(manifest, filter) { line in
                left -= 1
                let newline = left > 0 || endsInNewline
                guard isFile else { return try output.write(line, newline: newline) }
                try RestoredFile.bytes(of: line).withUnsafeBytes { try output.write($0, newline: newline) }
            }
        }
        try output.flush()
    }

    private func restore(
        _ manifests: [Manifest],
        _ filter: LineFilter,
        into table: String,
        _ reader: ArchiveReader,
        _ surroundings: Surroundings
    ) async throws {
        guard let first = manifests.first else { throw ToolError("no archive holds such rows", status: .failure) }
        let restored = try RestoredTable(first)
        guard manifests.allSatisfy({ $0.table?.columns == first.table?.columns }) else {
            throw ToolError("the archives have different columns: restore one at a time", status: .failure)
        }
        let connection = try await access.database.connectAsLogin(surroundings)
        try await connection.access { try restored.begin(in: $0) }
        var count = 0
        for manifest in manifests {
            count += try await reader.load(manifest, filter, restored, connection)
        }
        let create = create
        let inserted = try await connection.transaction { session in
            if create { try restored.create(table, in: session) }
            return try restored.insert(into: table, in: session)
        }
        guard inserted == count else {
            throw ToolError("\(count) rows were read and \(inserted) inserted into \(table)", status: .failure)
        }
        await connection.close()
        surroundings.tell("\(inserted.counted("row")) restored into \(table)")
    }
}

extension ArchiveReader {
    /// Reads lines into the session's temporary table.
    ///
    /// - Returns: how many.
    func load(_ manifest: Manifest, _ filter: LineFilter, _ table: RestoredTable, _ connection: Connection) async throws
        -> Int
    {
        var count = 0
        for frame in manifest.frames where filter.mayMatch(frame) {
            var lines: [UInt8] = []
            count += try await read(manifest, frame, filter) { line in
                lines += line
                lines.append(UInt8(ascii: "\n"))
            }
            let ready = lines
            if !ready.isEmpty { try await connection.access { try table.add(ready, in: $0) } }
        }
        return count
    }
}
