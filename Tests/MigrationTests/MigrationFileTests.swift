import Testing

@testable import SchemaMigration

@Suite struct MigrationFileTests {
    private func parse(_ text: String, _ path: String = "db/0001_a.sql") throws -> MigrationFile {
        try MigrationFile(path: path, bytes: Array(text.utf8))
    }

    @Test func readsDbmatesOwnExample() throws {
        let file = try parse(
            """
            -- migrate:up
            create table users (
              id integer,
              name varchar(255)
            );

            -- migrate:down
            drop table users;
            """,
            "db/migrations/20151127184807_create_users_table.sql"
        )
        #expect(file.name == "20151127184807_create_users_table.sql")
        #expect(file.version.text == "20151127184807")
        #expect(file.up.isTransactional)
        #expect(file.up.statements.map(\.line) == [2])
        #expect(file.down?.statements.map(\.text) == ["drop table users"])
        #expect(file.down?.firstLine == 8)
    }

    @Test func takesOptionsForEachSection() throws {
        let file = try parse("-- migrate:up transaction:false\nVACUUM;\n-- migrate:down transaction:true\nSELECT 1;")
        #expect(!file.up.isTransactional)
        #expect(file.down?.isTransactional == true)
    }

    @Test(arguments: ["--migrate:up\nSELECT 1;", "--   migrate:up  \nSELECT 1;", "-- why\n\n-- migrate:up\nSELECT 1;"])
    func allowsBlanksAndCommentsAroundTheMarker(text: String) throws {
        let file = try parse(text)
        #expect(file.up.statements.map(\.text) == ["SELECT 1"])
        #expect(file.down == nil)
    }

    @Test func takesCRLFAndAByteOrderMark() throws {
        let file = try parse("\u{FEFF}-- migrate:up\r\nSELECT 1;\r\nSELECT 2;\r\n-- migrate:down\r\nSELECT 3;\r\n")
        #expect(file.up.statements.map(\.line) == [2, 3])
        #expect(file.down?.statements.map(\.line) == [5])
    }

    @Test(arguments: [
        ("SELECT 1;", "db/0001_a.sql: no up section: put a line '-- migrate:up' above the statements"),
        ("", "db/0001_a.sql: no up section: put a line '-- migrate:up' above the statements"),
        (
            "SELECT 1;\n-- migrate:up",
            "db/0001_a.sql:1: a statement before '-- migrate:up' belongs to no section: move it below the marker"
        ),
        (
            "-- migrate:up\n-- migrate:up",
            "db/0001_a.sql:2: a second '-- migrate:up': a file has one section of each kind"
        ),
        (
            "-- migrate:down\n-- migrate:up",
            "db/0001_a.sql:1: the down section stands before the up section: swap them"
        ),
        (
            "-- migrate:up\n  -- migrate:down",
            "db/0001_a.sql:2: a marker must begin its line: remove the blanks in front of '-- migrate:down'"
        ),
        (
            "-- migrate:upp",
            "db/0001_a.sql:1: unknown marker 'migrate:upp': there are 'migrate:up' and 'migrate:down'"
        ),
        (
            "-- migrate:up transaction:no",
            "db/0001_a.sql:1: unknown option 'transaction:no': there are 'transaction:false' and 'transaction:true'"
        ),
        (
            "-- migrate:up transaction:false transaction:true",
            "db/0001_a.sql:1: option 'transaction' is given twice: keep one"
        ),
        (
            "-- migrate:up\nBEGIN;\nSELECT 1;\nCOMMIT;",
            "db/0001_a.sql:2: BEGIN: the section runs in one transaction already: remove the statement"
        ),
        (
            "-- migrate:up transaction:false\n\nCOMMIT;",
            "db/0001_a.sql:3: COMMIT: with transaction:false each statement stands alone: move what belongs together "
                + "into a file without that option"
        ),
        (
            "-- migrate:up\nCOPY t (a) FROM stdin;\n1\n\\.\n",
            "db/0001_a.sql:2: COPY … FROM STDIN cannot stand in a migration: use INSERT"
        ),
        (
            "-- migrate:up\nSELECT 1;\nCOPY t FROM STDIN;",
            "db/0001_a.sql:3: COPY … FROM STDIN cannot stand in a migration: use INSERT"
        ),
        (
            "-- migrate:up\nSELECT $$\n-- migrate:down\n$$;",
            "db/0001_a.sql:2: this $$ quote is never closed"
        ),
    ])
    func refusesWithPlaceAndRemedy(text: String, message: String) throws {
        let error = #expect(throws: MigrationFileError.self) { try parse(text) }
        #expect(error?.description == message)
    }

    @Test(arguments: ["a.sql", "0001.txt", "0001a.sql", "_0001.sql", "0001_a.SQL"])
    func refusesNames(name: String) throws {
        let error = #expect(throws: MigrationFileError.self) { try parse("-- migrate:up", name) }
        #expect(error?.problem == "not a migration's name: it must be like 0007_add_domains.sql")
    }

    @Test func namesTheLineThatIsNotUTF8() throws {
        let bytes = Array("-- migrate:up\nSELECT '".utf8) + [0xE4] + Array("';\n".utf8)
        let error = #expect(throws: MigrationFileError.self) { try MigrationFile(path: "1_a.sql", bytes: bytes) }
        #expect(error?.description == "1_a.sql:2: not UTF-8: save the file in that encoding")
    }

    @Test func digestIsThatOfTheWholeFile() throws {
        // printf -- '-- migrate:up\n' | sha256sum
        let digest = "076c9c75f021636d841ff8afee1971f4e0f632a40c4cfcc1b8130f89fb64be54"
        #expect(try parse("-- migrate:up\n").sha256 == digest)
        #expect(try parse("-- migrate:up\n").sha256 == parse("-- migrate:up\r\n").sha256WithOtherLineEnds)
        #expect(try parse("-- migrate:up\r\n").sha256 == parse("-- migrate:up\n").sha256WithOtherLineEnds)
    }

    @Test func twoFilesOfOneVersionAreRefused() throws {
        let error = #expect(throws: MigrationFileErrors.self) {
            try MigrationSet(
                name: "default",
                origin: "db",
                sources: [("db/1_a.sql", Array("-- migrate:up".utf8)), ("db/0001_b.sql", Array("-- migrate:up".utf8))]
            )
        }
        #expect(error?.description == "db/1_a.sql: version 1 is taken by '0001_b.sql': rename the newer of the two")
    }

    @Test func allFaultsAreReportedAtOnce() throws {
        let error = #expect(throws: MigrationFileErrors.self) {
            try MigrationSet(name: "default", origin: "db", sources: [("db/1_a.sql", []), ("db/b.sql", [])])
        }
        #expect(error?.faults.map(\.path) == ["db/1_a.sql", "db/b.sql"])
    }
}
