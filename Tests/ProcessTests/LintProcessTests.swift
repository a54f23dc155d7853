import CygniTestSupport
import Foundation
import Testing

/// `cygni-migrate lint` as a pipeline runs it: no database anywhere.
@Suite struct LintProcessTests {
    private static let clean =
        "-- migrate:up\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- migrate:down\nDROP TABLE a;\n"
    private static let rough = "-- migrate:up\nCREATE INDEX i ON b (x);\n"

    private func lint(_ files: [String: String], _ arguments: [String] = []) async throws -> ProcessResult {
        let folder = try TemporaryFolder()
        for (name, text) in files { try folder.write(text, to: "db/\(name)") }
        return try await BuiltExecutable("cygni-migrate").run(["lint", "--dir", folder.file("db")] + arguments)
    }

    @Test func aCleanFolderIs0() async throws {
        let result = try await lint(["1_a.sql": Self.clean])
        #expect(result.status == 0 && result.standardOutput == "0 findings in 1 file\n", "\(result)")
        let platform = try await BuiltExecutable("cygni-migrate").run(["lint"])
        #expect(platform.status == 0 && platform.standardOutput.hasPrefix("0 findings in "), "\(platform)")
    }

    @Test(arguments: [
        ("text", "1_b.sql:2: create-index-blocking: "), ("json", "\"code\":\"create-index-blocking\""),
        ("github", "::error file="), ("gitlab", "\"check_name\":\"create-index-blocking\""),
        ("sarif", "\"ruleId\":\"create-index-blocking\""),
    ])
    func aFindingIs3InEveryForm(form: String, expected: String) async throws {
        let result = try await lint(["1_b.sql": Self.rough], ["--output", form])
        #expect(result.status == 3 && result.standardError.isEmpty, "\(result)")
        let compact = result.standardOutput.replacing("\": ", with: "\":")
        #expect(compact.contains(expected), "\(result)")
        if ["json", "gitlab", "sarif"].contains(form) {
            _ = try JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8))
        }
    }

    @Test func filesThatCannotBeReadAreAllTold() async throws {
        let result = try await lint(["1_a.sql": "SELECT 1;", "2_b.sql": "-- migrate:up x:y\nSELECT 1;"])
        #expect(result.status == 78 && result.standardOutput.isEmpty, "\(result)")
        #expect(result.standardError.split(separator: "\n").count == 2, "\(result)")
    }

    @Test func anIgnoreNeedsItsReason() async throws {
        let why = "-- migrate:up\n-- lint:ignore create-index-blocking: the table is empty\nCREATE INDEX i ON b (x);\n"
        try await #expect(lint(["1_b.sql": why]).status == 0)
        let bare = try await lint(["1_b.sql": why.replacing(": the table is empty", with: "")])
        #expect(bare.status == 3, "\(bare)")
    }
}
