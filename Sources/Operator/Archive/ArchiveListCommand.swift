import ArgumentParser
import CygniArchive
import CygniCommand
import CygniModel
import CygniObjectStore
import CygniPostgres

/// `cygni archive list`.
struct ArchiveListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the archives, and when one was last restored on trial.",
        discussion: """
            Sizes are in bytes: as stored, and of the lines before compression. A part +1, +2,
            ... holds rows that came after the range was first archived.

            EXAMPLES
              cygni archive list
              cygni archive list --source log_lines --from 2026-11-01 --to 2026-11-08
              cygni archive list --tenant acme --output json
            """
    )

    @OptionGroup var selection: ArchiveSelection
    @OptionGroup var access: ArchiveAccess
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let connection = try await access.database.connect(surroundings)
            let filter = try await selection.filter(connection)
            var rows = try await selection.archives(connection, verifiedOnly: false)
            if filter.tenant != nil || filter.deployment != nil {
                rows = try await rows.holding(filter, in: access.open(surroundings).store)
            }
            let drill = try await connection.access { session in
                try session.query(ArchiveRow.statements["last_drill"]).first.map { row in
                    (at: try row.get("at", as: Timestamp.self), age: try row.get("age", as: Double.self))
                }
            }
            await connection.close()
            if output.format == .json {
                let report = JSONValue.object([
                    ("archives", .array(rows.map(\.json))), ("last_good_drill", .optional(drill?.at.rfc3339)),
                ])
                surroundings.show(report.text)
                return .success
            }
            let style = TextStyle(surroundings)
            var table = TextTable(ArchiveRow.headings, rightAligned: [2, 3, 4])
            for row in rows { table.add(row.cells) }
            surroundings.show(table.text(indent: 0, width: style.width > 80 ? style.width : 400) { $0 })
            let total = rows.reduce(0) { $0 + $1.rows }
            surroundings.show("\(rows.count.counted("archive")), \(total.counted("row"))")
            let word = drill.map { "last good drill \(Duration.seconds(Int($0.age)).brief) ago" }
            surroundings.show(word ?? "never restored on trial: cygni archive drill")
            return .success
        }
    }
}

extension [ArchiveRow] {
    /// Those whose manifest says that they may hold such lines.
    func holding(_ filter: LineFilter, in store: any ObjectStore) async throws -> [ArchiveRow] {
        var found: [ArchiveRow] = []
        for row in self {
            guard row.verifiedAt != nil, let key = row.manifestKey else { continue }
            if try await filter.mayMatch(ArchiveReader.manifest(key, in: store)) { found.append(row) }
        }
        return found
    }
}
