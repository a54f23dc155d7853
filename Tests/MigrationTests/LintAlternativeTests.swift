import CygniTestSupport
import FoundationEssentials
import Testing

@testable import SchemaMigration

/// What a finding proposes is SQL that the server would take.
@Suite struct LintAlternativeTests {
    /// With names in its blanks; of a column alone, in a table.
    private func statement(_ text: String) -> String {
        let filled = text.replacing(", ...", with: "").replacing(/<[a-z]+>/, with: "int")
        let isColumn = filled.first?.isLowercase == true && !filled.contains(";")
        return isColumn ? "CREATE TABLE t (\(filled))" : filled
    }

    @Test func everyAlternativeParses() async throws {
        let findings = try LintCase.all().filter(\.isFound).flatMap(\.findings)
        #expect(Set(findings.map(\.code)).count > 40)
        // Of a trigger only the part that matters is written out.
        let whole = findings.filter { !$0.instead.contains(" ... ") }
        #expect(Set(findings.map(\.code)).subtracting(whole.map(\.code)) == ["disable-trigger"])
        let texts = Set(whole.map { statement($0.instead) }).sorted()
        let python = ProcessInfo.processInfo.environment["CYGNI_PYTHON"] ?? "python3"
        let result = try await BuiltExecutable(path: python).run(
            ["\(LintCase.fixtures)/parses.py"],
            input: String(decoding: try JSONEncoder().encode(texts), as: UTF8.self)
        )
        try #require(result.status == 0, "\(result)")
        let verdicts = result.standardOutput.split(separator: "\n")
        try #require(verdicts.count == texts.count)
        for (text, verdict) in zip(texts, verdicts) { #expect(verdict == "ok", "\(verdict) in:\n\(text)") }
    }
}
