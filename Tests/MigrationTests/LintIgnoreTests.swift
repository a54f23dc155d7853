import Testing

@testable import SchemaMigration

@Suite struct LintIgnoreTests {
    @Test(arguments: [
        ("-- lint:ignore drop-table: moved\nDROP TABLE t;", []),
        ("  -- lint:ignore drop-table, drop-cascade: moved\n\n-- and more\nDROP TABLE t CASCADE;", []),
        ("-- lint:ignore drop-table: moved\n-- lint:ignore drop-cascade: seen\nDROP TABLE t CASCADE;", []),
        // It is for the next statement alone.
        ("-- lint:ignore drop-table: moved\nDROP TABLE t;\nDROP TABLE s;", ["drop-table"]),
        ("-- lint:ignore drop-table: moved\nSELECT 1;\nDROP TABLE s;", ["ignore-unused", "drop-table"]),
        ("DROP TABLE t; -- lint:ignore drop-table: too late", ["drop-table", "ignore-unused"]),
        ("-- lint:ignore drop-table\nDROP TABLE t;", ["ignore-without-reason", "drop-table"]),
        ("-- lint:ignore drop-table:  \nDROP TABLE t;", ["ignore-without-reason", "drop-table"]),
        ("-- lint:ignore: all\nDROP TABLE t;", ["ignore-unknown-rule", "drop-table"]),
        ("-- lint:ignore drop-everything: x\nDROP TABLE t;", ["ignore-unknown-rule", "drop-table"]),
        ("SELECT '\n-- lint:ignore drop-table: in a string\n';\nDROP TABLE t;", ["drop-table"]),
        ("-- lint:ignored\nSELECT 1;", []),
        ("-- lint:ignore drop-table: old\n-- migrate:up\nDROP TABLE t;\nDROP TABLE s;", []),
        ("-- lint:ignore drop-table: old\n-- migrate:up\nDROP VIEW t;", ["ignore-unused"]),
        ("-- lint:ignore drop-table\n-- migrate:up\nDROP TABLE t;", ["ignore-without-reason", "drop-table"]),
        (
            "-- lint:ignore drop-index-blocking: small\n-- migrate:up\nSELECT 1;\n-- migrate:down\nDROP INDEX i;", []
        ),
        ("-- migrate:up\nSELECT 1;\n-- migrate:down\n-- lint:ignore drop-index-blocking: small\nDROP INDEX i;", []),
    ])
    func aCommentWithAReasonLetsAFindingPass(sql: String, codes: [String]) throws {
        #expect(try lintCodes(sql) == codes)
    }

    @Test func itsOwnFindingsNameTheCommentsLine() throws {
        let file = try LintCase.migration("-- migrate:up\n\n-- lint:ignore drop-tabel: x\nDROP VIEW v;")
        let findings = Linter.findings(in: [file])
        #expect(findings.map(\.line) == [3])
        #expect(findings[0].instead.contains("lint:ignore drop-"))
    }
}
