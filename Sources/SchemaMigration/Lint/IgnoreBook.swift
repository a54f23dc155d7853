/// The ignore comments of a section or a header: which findings they take away, and what is wrong with them.
struct IgnoreBook {
    private struct Entry {
        var ignore: LintIgnore
        var code: String
        /// The line of the statement below it; nil for the whole file, or when none follows.
        var target: Int?
        var isUsed = false
    }

    private let file: String
    private let section: String
    private let isHeader: Bool
    private var entries: [Entry] = []
    private(set) var faults: [LintFinding] = []

    /// - Parameter statementLines: nil in a header, whose comments are for the whole file.
    init(_ ignores: [LintIgnore], file: String, section: String, statementLines: [Int]?) {
        self.file = file
        self.section = section
        isHeader = statementLines == nil
        for ignore in ignores {
            let known = ignore.codes.filter { LintRule.byCode[$0] != nil }
            for code in ignore.codes where !known.contains(code) {
                fault("ignore-unknown-rule", ignore, ["known": Self.nearest(code)])
            }
            if ignore.codes.isEmpty { fault("ignore-unknown-rule", ignore, ["known": "drop-table"]) }
            guard !ignore.reason.isEmpty else {
                if !ignore.codes.isEmpty {
                    fault("ignore-without-reason", ignore, ["code": ignore.codes.joined(separator: ", ")])
                }
                continue
            }
            let target = statementLines?.first { $0 > ignore.line }
            entries += known.map { Entry(ignore: ignore, code: $0, target: target) }
        }
    }

    mutating func ignores(_ finding: LintFinding) -> Bool {
        var isIgnored = false
        for index in entries.indices where entries[index].code == finding.code {
            guard isHeader || entries[index].target == finding.line else { continue }
            entries[index].isUsed = true
            isIgnored = true
        }
        return isIgnored
    }

    /// What is wrong with the comments themselves; asked after all findings.
    var findings: [LintFinding] {
        faults
            + entries.filter { !$0.isUsed }.map { entry in
                LintFinding(
                    "ignore-unused",
                    file: file,
                    line: entry.ignore.line,
                    section: section,
                    names: ["line": "\(entry.ignore.line)"]
                )
            }
    }

    private mutating func fault(_ code: String, _ ignore: LintIgnore, _ names: [String: String]) {
        faults.append(LintFinding(code, file: file, line: ignore.line, section: section, names: names))
    }

    /// The rule that shares the most words with what was written.
    private static func nearest(_ code: String) -> String {
        let words = Set(code.split(separator: "-"))
        let shared = { (rule: LintRule) in words.intersection(rule.code.split(separator: "-")).count }
        return LintRule.all.max { shared($0) < shared($1) }?.code ?? code
    }
}
