import FoundationEssentials
import Testing

@testable import SchemaMigration

/// The cases of `Fixtures/lint-corpus.sql`.
struct LintCase: Sendable, CustomTestStringConvertible {
    var code: String
    var isFound: Bool
    var file: MigrationFile

    var testDescription: String { "\(code) \(isFound ? "finds" : "passes")" }

    var findings: [LintFinding] { Linter.findings(in: [file]) }

    static let fixtures = "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/Fixtures"

    static func all() throws -> [LintCase] {
        let text = try String(contentsOfFile: "\(fixtures)/lint-corpus.sql", encoding: .utf8)
        return try text.components(separatedBy: "\n-- case: ").dropFirst().map { part in
            let (title, body) = try #require(part.split(separator: "\n", maxSplits: 1).pair)
            let (code, verdict) = try #require(title.split(separator: " ").pair)
            return LintCase(code: String(code), isFound: verdict == "finds", file: try migration(String(body)))
        }
    }

    /// A migration; a text without a marker of its own is its up section.
    static func migration(_ text: String, name: String = "1_a.sql") throws -> MigrationFile {
        let whole = text.contains("-- migrate:up") ? text : "-- migrate:up\n\(text)"
        return try MigrationFile(path: name, bytes: Array(whole.utf8))
    }
}

extension Array {
    fileprivate var pair: (Element, Element)? { count == 2 ? (self[0], self[1]) : nil }
}

/// The codes found in a text, in order.
func lintCodes(_ texts: String...) throws -> [String] {
    let files = try texts.enumerated().map { try LintCase.migration($1, name: "\($0 + 1)_a.sql") }
    return Linter.findings(in: files).map(\.code)
}
