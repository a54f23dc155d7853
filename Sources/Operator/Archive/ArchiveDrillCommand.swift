import ArgumentParser
import CygniArchive
import CygniCommand
import CygniConfig
import CygniJobs
import CygniLog
import CygniModel
import CygniPostgres
import FoundationEssentials
import LogArchive

/// `cygni archive drill`.
struct ArchiveDrillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Restore a sample of archives on trial and compare every row.",
        discussion: """
            Rows of a table go into a temporary one, are read from there, encoded and digested
            anew, and must come to the digest that they were archived with. Archives that were
            never tried come first. When all is well, the time is published: in
            cygni_archive_drill.prom beside the jobs' metrics, and by cygni archive list.

            EXAMPLES
              cygni archive drill
              cygni archive drill --sample 20 --key /media/safe/archive.key
            """
    )

    @Option(help: "How many archives.")
    var sample = 3

    @OptionGroup var access: ArchiveAccess
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...100_000).contains(sample) else { throw ValidationError("--sample must be from 1 to 100000") }
    }

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let connection = try await access.database.connect(surroundings)
            let sample = sample
            let rows = try await connection.access { session in
                try session.query(ArchiveRow.statements["sample"], sample).map(ArchiveRow.init(row:))
            }
            let (store, reader, opener) = try access.open(surroundings)
            var results: [(row: ArchiveRow, error: String?)] = []
            for row in rows {
                var count = 0
                var fault: String?
                do {
                    let manifest = try await ArchiveReader.manifest(row.manifestKey ?? "", in: store)
                    _ = try await ObjectProof(manifest, opener: opener).check(in: store)
                    count = try await Self.drill(manifest, reader, connection)
                } catch let error where !(error is CancellationError) {
                    fault = "\(error)"
                }
                let (restored, cause) = (count, fault)
                try await connection.transaction { session in
                    _ = try session.query(
                        ArchiveRow.statements["note_drill"],
                        UUID(uuidString: row.id),
                        restored,
                        cause
                    )
                }
                results.append((row, fault))
            }
            await connection.close()
            return try report(results, surroundings)
        }
    }

    /// - Returns: how many rows came back as they were.
    /// - Throws: when one did not.
    private static func drill(_ manifest: Manifest, _ reader: ArchiveReader, _ connection: Connection) async throws
        -> Int
    {
        if manifest.table == nil { return try await drillFile(manifest, reader) }
        let table = try RestoredTable(manifest)
        try await connection.access { try table.begin(in: $0) }
        let loaded = try await reader.load(manifest, LineFilter(), table, connection)
        let (rows, digest) = try await connection.transaction { session -> (Int, String) in
            try table.create("pg_temp.cygni_drill", temporary: true, in: session)
            _ = try table.insert(into: "pg_temp.cygni_drill", in: session)
            let found = try table.digest(of: "pg_temp.cygni_drill", in: session)
            try session.script("DROP TABLE pg_temp.cygni_drill", name: "drill.end")  // sql-here: a temporary table
            return (found.rows, found.digest)
        }
        guard loaded == manifest.rows, rows == manifest.rows else {
            throw ToolError("\(manifest.rows) rows were archived and \(rows) restored", status: .failure)
        }
        guard digest == manifest.rowDigest else {
            throw ToolError("the restored rows are not those that were archived", status: .failure)
        }
        return rows
    }

    /// A plain file's bytes must come to its own digest.
    private static func drillFile(_ manifest: Manifest, _ reader: ArchiveReader) async throws -> Int {
        var digest = SHA256Stream()
        var left = manifest.rows
        let cost = try await reader.read(manifest, LineFilter()) { line in
            left -= 1
            var bytes = try RestoredFile.bytes(of: line)
            if left > 0 || manifest.file?.endsInNewline ?? true { bytes.append(UInt8(ascii: "\n")) }
            bytes.withUnsafeBytes { digest.update($0) }
        }
        guard cost.lines == manifest.rows else {
            throw ToolError("\(manifest.rows) lines were archived and \(cost.lines) came back", status: .failure)
        }
        if let file = manifest.file, file.encoding == "plain", file.sha256 != digest.hex {
            throw ToolError("the restored file is not the one that was archived", status: .failure)
        }
        return cost.lines
    }

    private func report(_ results: [(row: ArchiveRow, error: String?)], _ surroundings: Surroundings) throws
        -> ExitStatus
    {
        let failed = results.filter { $0.error != nil }
        if output.format == .json {
            let items = results.map { result in
                JSONValue.object([
                    ("object_key", .string(result.row.objectKey)), ("rows", .integer(result.row.rows)),
                    ("error", .optional(result.error)),
                ])
            }
            let report = JSONValue.object([("good", .bool(failed.isEmpty)), ("archives", .array(items))])
            surroundings.show(report.text)
        } else {
            for result in results {
                let word = result.error.map { "FAILED  \($0)" } ?? "good    \(result.row.rows.counted("row"))"
                surroundings.show("\(word)  \(result.row.objectKey)")
            }
            if results.isEmpty { surroundings.show("there is no proven archive to try") }
        }
        if failed.isEmpty, !results.isEmpty { try publish(surroundings) }
        if failed.isEmpty { return .success }
        return failed.count == results.count ? .failure : .partial
    }

    private func publish(_ surroundings: Surroundings) throws {
        let environment = surroundings.environment
        let file = access.database.config.path(environment)
        let shared = try ConfigLoader.load(SharedSettings.self, file: file, environment: environment).settings
        guard let folder = shared.metrics.textfileDirectory else { return }
        let name = "cygni_archive_last_good_drill_timestamp_seconds"
        let text = """
            # HELP \(name) When a sample of archives was last restored with every row as it was, in Unix time.
            # TYPE \(name) gauge
            \(name) \(Timestamp.wallClock().unixSeconds)

            """
        try AtomicFile.replace("\(folder)/cygni_archive_drill.prom", with: text)
    }
}
