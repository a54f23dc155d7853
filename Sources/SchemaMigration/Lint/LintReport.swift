import CygniCommand
import CygniModel

/// The findings of a run, and how each reader wants them.
package struct LintReport: Sendable {
    package var findings: [LintFinding]
    /// How many were looked at.
    package var files: Int

    package enum Format: String, CaseIterable, Sendable {
        case text, json, github, gitlab, sarif
    }

    package init(findings: [LintFinding], files: Int) {
        self.findings = findings
        self.files = files
    }

    /// What goes to stdout, without the last line's end; empty when nothing does.
    package func text(as format: Format) -> String {
        switch format {
        case .text: plain
        case .json: json.text
        case .github: findings.map(\.workflowCommand).joined(separator: "\n")
        case .gitlab: codeQuality.text
        case .sarif: sarif.text
        }
    }

    private var plain: String {
        let parts = findings.map { finding in
            let instead = finding.instead.split(separator: "\n").map { "        \($0)\n" }.joined()
            return "\(finding.file):\(finding.line): \(finding.code): \(finding.title) (\(finding.section))\n"
                + "    \(finding.why)\n    instead:\n\(instead)"
        }
        let summary = "\(counted(findings.count, "finding")) in \(counted(files, "file"))"
        return (parts + [summary]).joined(separator: "\n")
    }

    private var json: JSONValue {
        let values = findings.map { finding -> JSONValue in
            .object([
                ("file", .string(finding.file)),
                ("line", .integer(finding.line)),
                ("section", .string(finding.section)),
                ("code", .string(finding.code)),
                ("title", .string(finding.title)),
                ("why", .string(finding.why)),
                ("instead", .string(finding.instead)),
            ])
        }
        return .object([("findings", .array(values)), ("files", .integer(files))])
    }

    /// Stays the same when lines move: what was found, and the how manieth of its like in the file.
    func fingerprints() -> [String] {
        var seen: [String: Int] = [:]
        return findings.map { finding in
            let key = [finding.file, finding.section, finding.code, finding.instead].joined(separator: "\u{0}")
            seen[key, default: 0] += 1
            return hexadecimalSHA256(Array("\(key)\u{0}\(seen[key] ?? 0)".utf8))
        }
    }
}

extension LintFinding {
    /// The title, why, and the alternative as one text.
    var message: String { "\(title) (\(section))\n\(why)\ninstead:\n\(instead)" }

    /// A line that GitHub Actions shows beside the code.
    fileprivate var workflowCommand: String {
        let property = { (text: String) in
            Self.escaped(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
        }
        return "::error file=\(property(file)),line=\(line),title=\(property(code))::\(Self.escaped(message))"
    }

    /// By scalar: CR LF is one character.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "%": result += "%25"
            case "\r": result += "%0D"
            case "\n": result += "%0A"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
