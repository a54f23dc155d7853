import Foundation
import Testing

@testable import SchemaMigration

@Suite struct LintReportTests {
    private func report() throws -> LintReport {
        let text = "-- migrate:up\nDROP TABLE t;\n\nDROP TABLE t;\nUPDATE a SET b = '100%:\r\n,';\n"
        let file = try LintCase.migration(text, name: "db/a b,c/1_x.sql".replacingOccurrences(of: "1_x", with: "1_ä"))
        return LintReport(findings: Linter.findings(in: [file]), files: 1)
    }

    private func decoded<Value>(_ format: LintReport.Format, as: Value.Type) throws -> Value {
        let data = Data(try report().text(as: format).utf8)
        return try #require(try JSONSerialization.jsonObject(with: data) as? Value)
    }

    @Test func text() throws {
        let text = try report().text(as: .text)
        #expect(
            text.hasPrefix(
                "db/a b,c/1_ä.sql:2: drop-table: a table is dropped that the running version may use (up)\n    "
            )
        )
        #expect(text.contains("\n    instead:\n        -- first away"))
        #expect(text.hasSuffix("\n3 findings in 1 file"))
        #expect(LintReport(findings: [], files: 2).text(as: .text) == "0 findings in 2 files")
    }

    @Test func json() throws {
        let object = try decoded(.json, as: [String: Any].self)
        #expect(object["files"] as? Int == 1)
        let findings = try #require(object["findings"] as? [[String: Any]])
        #expect(findings.map { $0["line"] as? Int } == [2, 4, 5])
        #expect(Set(findings[0].keys) == ["file", "line", "section", "code", "title", "why", "instead"])
    }

    @Test func github() throws {
        let lines = try report().text(as: .github).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("::error file=db/a b%2Cc/1_ä.sql,line=2,title=drop-table::a table is dropped"))
        #expect(lines[2].contains("b = '100%25:%0D%0A,' WHERE") && !lines[2].contains("\r"))
    }

    @Test func gitlab() throws {
        let issues = try decoded(.gitlab, as: [[String: Any]].self)
        #expect(Set(issues.compactMap { $0["fingerprint"] as? String }).count == 3)
        let location = try #require(issues[1]["location"] as? [String: Any])
        #expect(location["path"] as? String == "db/a b,c/1_ä.sql")
        #expect((location["lines"] as? [String: Any])?["begin"] as? Int == 4)
        #expect(issues.allSatisfy { $0["severity"] as? String == "major" && $0["check_name"] is String })
        #expect(LintReport(findings: [], files: 1).text(as: .gitlab) == "[]")
    }

    @Test func sarif() throws {
        let object = try decoded(.sarif, as: [String: Any].self)
        #expect(object["version"] as? String == "2.1.0")
        let run = try #require((object["runs"] as? [[String: Any]])?.first)
        let driver = try #require((run["tool"] as? [String: Any])?["driver"] as? [String: Any])
        let rules = try #require(driver["rules"] as? [[String: Any]]).compactMap { $0["id"] as? String }
        #expect(rules == LintRule.all.map(\.code))
        let results = try #require(run["results"] as? [[String: Any]])
        for result in results {
            #expect(rules[try #require(result["ruleIndex"] as? Int)] == result["ruleId"] as? String)
        }
        #expect(try report().text(as: .sarif).contains("\"uri\":\"db/a%20b%2Cc/1_%C3%A4.sql\""))
    }

    @Test func aFingerprintOutlivesMovedLines() throws {
        let prints = try ["", "\n\n-- more\n"].map { above in
            let file = try LintCase.migration("-- migrate:up\n\(above)DROP TABLE t;")
            return LintReport(findings: Linter.findings(in: [file]), files: 1).fingerprints()
        }
        #expect(prints[0] == prints[1])
    }

    @Test func sourcesTellEveryFault() throws {
        let sources = LintSources(folder: "/nonexistent", files: ["/nonexistent/1_a.sql", "/etc/passwd"])
        let error = #expect(throws: MigrationFileErrors.self) { try sources.load() }
        #expect(error?.faults.map(\.path) == ["/nonexistent", "/nonexistent/1_a.sql", "/etc/passwd"])
    }

    /// Write it anew with: `cygni-migrate lint --rules`.
    @Test func theDocumentListsTheRules() throws {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let document = try String(contentsOfFile: "/\(root)/docs/lint.md", encoding: .utf8)
        #expect(document.contains("```\n\(LintRule.table)\n```"), "docs/lint.md is not current")
    }
}
