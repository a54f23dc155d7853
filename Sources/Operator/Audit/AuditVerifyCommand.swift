import ArgumentParser
import CygniAudit
import CygniCommand
import CygniModel
import FoundationEssentials

/// `cygni audit verify`.
struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Recompute the hash chains of the audit log, and tell every place that was tampered with.",
        discussion: """
            A chain whose last entries were cut off looks whole by itself. An anchor
            file, written earlier and kept outside of the database, tells where each
            chain had got to. Exit status 1 tells of findings, one a line.

            EXAMPLES
              cygni audit verify
              cygni audit verify --write-anchor /backup/audit.anchor
              cygni audit verify --anchor /backup/audit.anchor --tenant acme
            """
    )

    @Option(help: ArgumentHelp("Compare with the ends of the chains in this file.", valueName: "file"))
    var anchor: String?

    @Option(help: ArgumentHelp("Write the ends of the chains to this file, when all is in order.", valueName: "file"))
    var writeAnchor: String?

    @Option(help: ArgumentHelp("Only the chain of this tenant; platform is the platform's own.", valueName: "slug|id"))
    var tenant: String?

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let anchors = try anchor.map { try AnchorFile(path: $0).read() } ?? []
            let connection = try await database.connect(surroundings)
            let scope = try await AuditScope.named(tenant, connection)
            let report = try await AuditLog.verify(connection, anchors: anchors.filter { scope.includes($0.tenant) })
            let verdict = AuditVerdict(report, scope)
            if verdict.isIntact, let writeAnchor { try AnchorFile(path: writeAnchor).write(verdict.anchors) }
            surroundings.show(output.format == .json ? verdict.json.text : verdict.text)
            if verdict.isIntact { return .success }
            if let writeAnchor, output.format == .text {
                surroundings.tell("cygni: '\(writeAnchor)' was not written: the log is not in order")
            }
            return .failure
        }
    }
}

/// What a verification says about the chains that were asked for.
struct AuditVerdict: Sendable {
    private let chains: [AuditReport.Chain]
    private let findings: [AuditFinding]
    private let findingCount: Int
    let anchors: [AuditAnchor]

    init(_ report: AuditReport, _ scope: AuditScope) {
        chains = report.chains.filter { scope.includes($0.tenant) }
        findings = report.findings.filter { scope.includes($0.tenant) }
        anchors = report.anchors.filter { scope.includes($0.tenant) }
        if case .all = scope { findingCount = report.findingCount } else { findingCount = findings.count }
    }

    var isIntact: Bool { findingCount == 0 }

    private var entries: Int { chains.reduce(0) { $0 + $1.count } }

    var text: String {
        var text = findings.map { "\($0)\n" }.joined()
        let hidden = findingCount - findings.count
        if hidden > 0 { text += "and \(hidden.grouped) more\n" }
        let checked = "\(entries.grouped) \(entries == 1 ? "entry" : "entries") in \(chains.count.counted("chain"))"
        return text + (isIntact ? "\(checked): in order\n" : "\(checked): \(findingCount.counted("finding"))\n")
    }

    var json: JSONValue {
        .object([
            ("intact", .bool(isIntact)),
            (
                "counts",
                .object([
                    ("chains", .integer(chains.count)), ("entries", .integer(entries)),
                    ("findings", .integer(findingCount)),
                ])
            ),
            ("findings", .array(findings.map(\.json))),
            ("findings_truncated", .bool(findingCount > findings.count)),
        ])
    }
}

extension AuditFinding {
    fileprivate var json: JSONValue {
        .object([
            ("tenant", .optional(tenant?.text)), ("entry", .integer(seq)),
            ("id", id.map { .integer($0) } ?? .null), ("kind", .string(kind.name)), ("what", .string(description)),
        ])
    }
}
