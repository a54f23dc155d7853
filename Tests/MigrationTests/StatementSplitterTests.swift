import Testing

@testable import SchemaMigration

@Suite struct StatementSplitterTests {
    private func texts(_ sql: String) throws -> [String] {
        try StatementSplitter.split(sql, line: 1).map(\.text)
    }

    @Test(arguments: [
        ("a; b", ["a", "b"]),
        ("", []),
        (" ;; -- nothing\n /* at all */ ;", []),
        ("-- first\nSELECT 1; -- after\n", ["SELECT 1"]),
        ("SELECT ';'; SELECT 2", ["SELECT ';'", "SELECT 2"]),
        ("SELECT 'it''s;'; b", ["SELECT 'it''s;'", "b"]),
        (#"SELECT 'a\'; b"#, [#"SELECT 'a\'"#, "b"]),
        (#"SELECT E'a\';b'; c"#, [#"SELECT E'a\';b'"#, "c"]),
        (#"SELECT e'\\'; c"#, [#"SELECT e'\\'"#, "c"]),
        (#"SELECT U&'\;'; c"#, [#"SELECT U&'\;'"#, "c"]),
        (#"SELECT "a;""b"; c"#, [#"SELECT "a;""b""#, "c"]),
        ("SELECT $$a;b$$; c", ["SELECT $$a;b$$", "c"]),
        ("SELECT $x$ $$;$y$ $x$; c", ["SELECT $x$ $$;$y$ $x$", "c"]),
        ("SELECT $é$;$é$; c", ["SELECT $é$;$é$", "c"]),
        ("SELECT a$b$c; d$b$", ["SELECT a$b$c", "d$b$"]),
        ("SELECT $1;$2", ["SELECT $1", "$2"]),
        ("/* a; /* b; */ c; */ d; e", ["d", "e"]),
        ("SELECT 1 -- ; '\n; b", ["SELECT 1", "b"]),
        ("SELECT 4 /*;*/ / 2 - -1; b", ["SELECT 4 /*;*/ / 2 - -1", "b"]),
        ("CREATE RULE r AS ON DELETE TO t DO (a; b); c", ["CREATE RULE r AS ON DELETE TO t DO (a; b)", "c"]),
        (
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; c",
            ["CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END", "c"]
        ),
        (
            "create or replace procedure p(a int) begin atomic insert into t values (1); end; c",
            ["create or replace procedure p(a int) begin atomic insert into t values (1); end", "c"]
        ),
        ("CREATE TABLE begin_atomic (a int); c", ["CREATE TABLE begin_atomic (a int)", "c"]),
        ("a\r\n;\r\nb", ["a", "b"]),
    ])
    func cutsWhereTheServerWould(sql: String, statements: [String]) throws {
        #expect(try texts(sql) == statements)
    }

    @Test(arguments: [
        ("SELECT 'a; b", "this string is never closed", 7),
        ("SELECT E'a\\'; b", "this string is never closed", 7),
        ("SELECT \"a; b", "this quoted identifier is never closed", 7),
        ("SELECT $a$ b $b$", "this $a$ quote is never closed", 7),
        ("SELECT /* a /* b */ c", "this comment is never closed", 7),
        ("a;\n\\connect b", "lines with a backslash are commands of psql, not SQL: remove them", 3),
    ])
    func namesWhatIsNeverClosed(sql: String, problem: String, offset: Int) throws {
        #expect(throws: SQLFault(offset: offset, problem: problem)) { try texts(sql) }
    }

    @Test func knowsTheLineEachBegins() throws {
        let statements = try StatementSplitter.split("a;\n\n-- x\nb\n;c /*\n*/;\r\nd", line: 10)
        #expect(statements.map(\.line) == [10, 13, 14, 16])
    }

    @Test(arguments: [
        ("create unique index concurrently i on t (a)", true),
        ("DROP INDEX CONCURRENTLY i", true),
        ("VACUUM t", true),
        ("CREATE DATABASE d", true),
        ("ALTER SYSTEM SET work_mem = 1", true),
        ("CALL p()", true),
        ("CREATE INDEX i ON t (a)", false),
        ("REFRESH MATERIALIZED VIEW CONCURRENTLY v", false),
        ("ALTER TABLE t ADD b int", false),
    ])
    func knowsWhatRefusesATransaction(sql: String, refuses: Bool) throws {
        #expect(try StatementSplitter.split(sql, line: 1).map(\.refusesTransaction) == [refuses])
    }

    @Test(arguments: [
        ("BEGIN", true), ("begin work", true), ("START TRANSACTION", true), ("COMMIT", true), ("END", true),
        ("ROLLBACK", true), ("ROLLBACK TO SAVEPOINT a", false), ("ROLLBACK WORK TO a", false), ("SAVEPOINT a", false),
        ("PREPARE TRANSACTION 'a'", true), ("PREPARE a AS SELECT 1", false),
    ])
    func knowsWhatControlsATransaction(sql: String, controls: Bool) throws {
        #expect(try StatementSplitter.split(sql, line: 1).map(\.controlsTransaction) == [controls])
    }
}
