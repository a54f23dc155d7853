import FoundationEssentials
import Testing

@testable import SchemaMigration

@Suite struct LintRuleTests {
    @Test(arguments: try LintCase.all())
    func aRuleFindsItsCaseAndNotTheNearMiss(example: LintCase) {
        let findings = example.findings
        if example.isFound {
            #expect(findings.contains { $0.code == example.code }, "\(findings.map(\.code))")
        } else {
            let known = ["none": findings.map(\.code)]
            #expect(!findings.contains { $0.code == example.code }, "\(findings.map(\.code))")
            #expect(known[example.code, default: []].isEmpty)
        }
        for finding in findings {
            #expect(!finding.title.isEmpty && !finding.why.isEmpty && !finding.instead.isEmpty, "\(finding)")
            #expect(!finding.instead.contains("<name>") && !finding.instead.contains("<table>"), "\(finding.instead)")
        }
    }

    @Test func everyRuleHasACaseAndANearMiss() throws {
        let cases = try LintCase.all()
        let codes = LintRule.all.map(\.code)
        #expect(codes.count >= 40)
        #expect(cases.filter(\.isFound).map(\.code).sorted() == codes)
        #expect(cases.filter { !$0.isFound && $0.code != "none" }.map(\.code).sorted() == codes)
    }

    @Test func everyRuleSaysWhatWhyAndInstead() {
        for rule in LintRule.all {
            #expect(rule.code.wholeMatch(of: /[a-z]+(-[a-z]+)+/) != nil)
            #expect(!rule.title.isEmpty && !rule.why.isEmpty && !rule.instead.isEmpty, "\(rule.code)")
            #expect(rule.title.count <= 90, "\(rule.code)")
        }
    }

    @Test func theAlternativeHasTheStatementsNames() throws {
        let file = try LintCase.migration("CREATE UNIQUE INDEX \"By Day\" ON shop.orders (day) WHERE day > 'x';")
        let finding = try #require(Linter.findings(in: [file]).first)
        #expect(
            finding.instead == """
                -- migrate:up transaction:false
                CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "By Day" ON shop.orders (day) WHERE day > 'x';
                """
        )
        let rename = try LintCase.migration("ALTER TABLE a ADD CONSTRAINT c CHECK (x ~ '{name}');")
        #expect(
            Linter.findings(in: [rename])[0].instead.hasPrefix(
                "ALTER TABLE a ADD CONSTRAINT c CHECK (x ~ '{name}') NOT VALID;"
            )
        )
    }

    @Test func aTableIsRenamedWithinItsSchema() throws {
        let findings = Linter.findings(in: [try LintCase.migration("DROP TABLE shop.old;")])
        #expect(findings.first?.instead.contains("ALTER TABLE shop.old RENAME TO old_dropped;") == true)
        #expect(findings.first?.instead.contains("DROP TABLE shop.old_dropped;") == true)
    }

    @Test func aStepIsShownRepeatable() throws {
        let sql =
            "-- migrate:up transaction:false\nALTER TABLE t ADD a text;\nALTER TABLE t ADD COLUMN b text;\nDROP VIEW v;"
        let steps = Linter.findings(in: [try LintCase.migration(sql)]).filter { $0.code == "steps-not-repeatable" }
        #expect(
            steps.map(\.instead) == [
                "ALTER TABLE t ADD IF NOT EXISTS a text;", "ALTER TABLE t ADD COLUMN IF NOT EXISTS b text;",
                "DROP VIEW IF EXISTS v;",
            ]
        )
    }

    @Test func aDownSectionMayUndo() throws {
        let down = "-- migrate:up\nSELECT 1;\n-- migrate:down\n"
        #expect(try lintCodes(down + "DROP TABLE a; ALTER TABLE b DROP COLUMN c; ALTER TABLE b RENAME TO d;") == [])
        let file = try LintCase.migration(down + "DROP INDEX i;\nDROP TABLE t CASCADE;")
        let findings = Linter.findings(in: [file])
        #expect(findings.map(\.code) == ["drop-index-blocking", "drop-cascade"])
        #expect(findings.map(\.section) == ["down", "down"])
        #expect(findings.map(\.line) == [4, 5])
    }

    @Test func aTableOfTheSameSectionIsNew() throws {
        let table = "CREATE TABLE shop.t (id bigint PRIMARY KEY, a varchar(3));\n"
        let work =
            "CREATE INDEX i ON t (a); ALTER TABLE shop.t ALTER a TYPE int, ALTER a SET NOT NULL, ADD UNIQUE (a); UPDATE t SET a = 1;"
        #expect(try lintCodes(table + work) == [])
        // What another section or file made has rows by now.
        #expect(
            try lintCodes("-- migrate:up\n\(table)-- migrate:down\nCREATE INDEX i ON t (a);") == [
                "create-index-blocking"
            ]
        )
        #expect(try lintCodes(table, "CREATE INDEX i ON shop.t (a);") == ["create-index-blocking"])
        // It may have been there before.
        #expect(
            try lintCodes("CREATE TABLE IF NOT EXISTS t (id bigint PRIMARY KEY); CREATE INDEX i ON t (id);") == [
                "create-index-blocking"
            ]
        )
        #expect(
            try lintCodes("CREATE TABLE one.t (id bigint PRIMARY KEY); CREATE INDEX i ON two.t (id);") == [
                "create-index-blocking"
            ]
        )
    }

    @Test func anEarlierFileTellsWhetherATypeOnlyWidens() throws {
        let table = "CREATE TABLE t (id bigint PRIMARY KEY, a varchar(3), b numeric(8, 2), c text);"
        let change = { (action: String) in try lintCodes(table, "ALTER TABLE t ALTER COLUMN \(action);") }
        for action in ["a TYPE varchar(9)", "a TYPE text", "b TYPE numeric(10, 2)", "c TYPE varchar", "id TYPE int8"] {
            #expect(try change(action) == [], "\(action)")
        }
        for action in [
            "a TYPE varchar(2)", "b TYPE numeric(10, 3)", "c TYPE varchar(9)", "a TYPE text USING a", "id TYPE numeric",
        ] {
            #expect(try change(action) == ["change-column-type"], "\(action)")
        }
    }

    @Test func findingsComeByFileLineAndCode() throws {
        let codes = try lintCodes("DROP TABLE t CASCADE;\nDROP TABLE a;", "TRUNCATE t;")
        #expect(codes == ["drop-cascade", "drop-table", "drop-table", "truncate-table"])
    }

    @Test func thePlatformsOwnMigrationsPass() throws {
        let findings = Linter.findings(in: try PlatformMigrations.load().files)
        #expect(findings.map { "\($0.file):\($0.line) \($0.code)" }.isEmpty, "\(findings)")
    }
}
