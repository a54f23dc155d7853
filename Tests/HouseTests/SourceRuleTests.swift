import Testing

@Suite("Rules that the text of a file can break")
struct SourceRuleTests {
    @Test("No Swift file is too long, and every main hands over")
    func filesAreShort() throws {
        for file in try Checkout.swiftFiles(below: "Sources") + Checkout.swiftFiles(below: "Tests") {
            #expect(SourceRules.tooLong(file, lines: try Checkout.lines(of: file)) == nil)
        }
    }

    @Test("No statement hides in a Swift file")
    func statementsAreInFiles() throws {
        for file in try Checkout.swiftFiles(below: "Sources") {
            let found = SourceRules.strayStatements(file, lines: try Checkout.lines(of: file))
            #expect(found == [])
        }
    }

    @Test("400 lines pass, 401 need a reason")
    func lengthLimit() {
        let lines = Array(repeating: "x", count: 400)
        #expect(SourceRules.tooLong("a/A.swift", lines: lines + [""]) == nil)
        #expect(SourceRules.tooLong("a/A.swift", lines: lines + ["x", ""]) != nil)
        #expect(SourceRules.tooLong("a/A.swift", lines: lines + ["// over-400-lines: one table", ""]) == nil)
    }

    @Test("A main of 40 lines is too long, with or without a reason")
    func mainLimit() {
        let lines = ["// over-400-lines: no excuse"] + Array(repeating: "x", count: 38)
        #expect(SourceRules.tooLong("Sources/Executables/x/Main.swift", lines: lines) == nil)
        #expect(SourceRules.tooLong("Sources/Executables/x/Main.swift", lines: lines + ["x"]) != nil)
    }

    @Test(
        "A statement in a literal is found",
        arguments: [
            ["try run(\"SELECT 1 FROM cygni.tenants\")"],
            ["try run(\"DELETE FROM cygni.tenants\") // all"],
            ["let text = \"\"\"", "    INSERT INTO cygni.tenants VALUES (1)", "    \"\"\""],
            ["let text = \"\"\"", "    SELECT id,", "        slug", "    \"\"\""],
            ["let text = \"CREATE MATERIALIZED VIEW \\(name)\""],
        ]
    )
    func plantedStatementsAreFound(lines: [String]) {
        #expect(SourceRules.strayStatements("F.swift", lines: lines).count == 1)
    }

    @Test(
        "Prose, sessions' own commands and excused statements are none",
        arguments: [
            ["// DELETE FROM is \"dangerous\""],
            ["/// SELECT x FROM y"],
            ["try run(\"BEGIN\"); try run(\"SELECT pg_backend_pid()\")"],
            ["let text = \"CREATE TABLE x\"  // sql-here: the name is only known at run time"],
            ["// sql-here: the name is only known at run time", "let text = \"DROP TABLE x\""],
            ["let way = \"run: psql -c \\\"DELETE FROM x\\\"\""],
            ["fail(\"failed to select 'x' from 'y'\")"],
        ]
    )
    func innocentLines(lines: [String]) {
        #expect(SourceRules.strayStatements("F.swift", lines: lines) == [])
    }
}
