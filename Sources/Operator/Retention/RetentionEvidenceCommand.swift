import ArgumentParser
import CygniArchive
import CygniCommand
import CygniJobs
import CygniModel
import CygniPostgres
import FoundationEssentials

/// `cygni retention evidence`.
struct RetentionEvidenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence",
        abstract: "Bundle what was purged, held and put back in a span, for an auditor.",
        discussion: """
            With --folder it writes evidence.json, and evidence.html for people; else the JSON
            goes to stdout. docs/verify-evidence.py checks the JSON without a database: every
            hash of the chain, every receipt, every sum. Exit status 1 tells of receipts that
            the audit log does not have.

            EXAMPLES
              cygni retention evidence --from 2026-07-01 --to 2026-10-01 --folder q3
              python3 docs/verify-evidence.py q3/evidence.json
            """
    )

    @Option(help: ArgumentHelp("From this moment on; a day is its beginning in UTC.", valueName: "time"))
    var from: String

    @Option(help: ArgumentHelp("To before this moment.", valueName: "time"))
    var to: String

    @Option(help: ArgumentHelp("Where the files go; made when it is not there.", valueName: "path"))
    var folder: String?

    @OptionGroup var database: DatabaseOptions

    private static func moment(_ text: String) -> Timestamp? {
        Timestamp(parsing: text) ?? Timestamp(parsing: "\(text)T00:00:00Z")
    }

    func validate() throws {
        for (flag, text) in [("--from", from), ("--to", to)] where Self.moment(text) == nil {
            throw ValidationError("\(flag) must be a day such as 2026-07-01, or a time (found '\(text)')")
        }
        if let from = Self.moment(from), let to = Self.moment(to), from >= to {
            throw ValidationError("--to must be after --from")
        }
    }

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings) {
            guard let from = Self.moment(from), let to = Self.moment(to) else { return .usage }
            let connection = try await database.connect(surroundings)
            let actor = surroundings.actor
            let bundle = try await connection.transaction(.snapshot) { session in
                try EvidenceBundle.read(from..<to, by: actor, in: session)
            }
            await connection.close()
            let json = bundle.json.text + "\n"
            if let folder {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try AtomicFile.replace("\(folder)/evidence.json", with: json)
                let page = EvidencePage(bundle: bundle, digest: SHA256Stream.hex(of: Array(json.utf8))).html
                try AtomicFile.replace("\(folder)/evidence.html", with: page)
                surroundings.tell("\(bundle.receipts.count.counted("receipt")) in '\(folder)'")
            } else {
                surroundings.show(bundle.json.text)
            }
            guard !bundle.unlinked.isEmpty else { return .success }
            surroundings.tell("cygni: \(bundle.unlinked.count.counted("receipt")) without an entry in the audit log")
            return .failure
        }
    }
}
