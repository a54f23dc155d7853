import ArgumentParser
import CygniArchive
import CygniCommand
import CygniModel
import CygniPostgres

/// `cygni archive get`.
struct ArchiveGetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Print archived lines as JSON, fetching only the parts of objects that may hold them.",
        discussion: """
            What was read to find them is told on stderr. Lines come out archive by archive, in
            each ordered by tenant and time.

            EXAMPLES
              cygni archive get --tenant acme --from 2026-11-01T06:00Z --to 2026-11-01T07:00Z
              cygni archive get --deployment 4f6c... --from 2026-11-01 | jq -r .message
              cygni archive get --source nginx/access.log@web1 --limit 100
            """
    )

    @OptionGroup var selection: ArchiveSelection
    @OptionGroup var access: ArchiveAccess

    @Option(help: "At most this many lines.")
    var limit: Int?

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings) {
            let search = ArchiveSearch(selection: selection, access: access, text: nil, limit: limit)
            return try await search.run(surroundings)
        }
    }
}

/// `cygni archive search`.
struct ArchiveSearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Print archived lines that hold a text.",
        discussion: """
            The text is looked for as it is, capitals and all, in each line's JSON: a quote or a
            backslash in it is escaped first, as JSON has it.

            EXAMPLES
              cygni archive search 59a0b609 --from 2026-11-01 --to 2026-11-08
              cygni archive search 'connection refused' --tenant acme --limit 20
            """
    )

    @Argument(help: "What a line must hold.")
    var text: String

    @OptionGroup var selection: ArchiveSelection
    @OptionGroup var access: ArchiveAccess

    @Option(help: "At most this many lines.")
    var limit: Int?

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings) {
            let search = ArchiveSearch(selection: selection, access: access, text: text, limit: limit)
            return try await search.run(surroundings)
        }
    }
}

/// Reads what a selection names and prints it.
struct ArchiveSearch {
    let selection: ArchiveSelection
    let access: ArchiveAccess
    let text: String?
    let limit: Int?

    func run(_ surroundings: Surroundings) async throws -> ExitStatus {
        let connection = try await access.database.connect(surroundings)
        var filter = try await selection.filter(connection)
        // Without the quotes around it.
        filter.text = text.map { String(JSONValue.string($0).text.dropFirst().dropLast()) }
        let rows = try await selection.archives(connection)
        await connection.close()
        let (store, reader, _) = try access.open(surroundings)
        let output = LineSink()
        var cost = ArchiveReader.Cost()
        var stored = 0
        for row in rows {
            guard let key = row.manifestKey, cost.lines < limit ?? .max else { continue }
            let manifest = try await ArchiveReader.manifest(key, in: store)
            guard filter.mayMatch(manifest) else { continue }
            stored += row.bytes
            let one = try await reader.read(manifest, filter, limit: limit.map { $0 - cost.lines }) { line in
                try output.write(line)
            }
            cost.bytes += one.bytes
            cost.requests += one.requests
            cost.lines += one.lines
        }
        try output.flush()
        let share = stored > 0 ? Double(cost.bytes) * 100 / Double(stored) : 0
        let percent = "\(Int(share * 100) / 100).\(Int(share * 100) % 100 / 10)\(Int(share * 100) % 10)"
        surroundings.tell(
            "\(cost.lines.counted("line")); read \(Int(cost.bytes).grouped) of \(stored.grouped) bytes (\(percent) %) in \(cost.requests.counted("request"))"
        )
        return .success
    }
}
