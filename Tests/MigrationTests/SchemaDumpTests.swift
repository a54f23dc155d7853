import CygniTestSupport
import Testing

@testable import SchemaMigration

@Suite struct SchemaDumpTests {
    private static let files = [
        "1_t.sql": """
        -- migrate:up
        CREATE TABLE t (x int PRIMARY KEY, y text DEFAULT 'a');
        COMMENT ON TABLE t IS 'one
        -- Name: two';
        CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
        INSERT INTO t VALUES (1);
        """
    ]

    private func dump(_ database: TestDatabase) async throws -> String {
        try await migrator(database, Self.files).up()
        return try await SchemaDump.text(database.options(), set: "default", applied: database.applied())
    }

    @Test func equalSchemasGiveEqualText() async throws {
        let texts = try await withDatabase { first in
            try await withDatabase { second in
                // Made in another order, by another way, with other rows.
                try await second.execute("CREATE TABLE before (x int); DROP TABLE before")
                let texts = [try await dump(first), try await dump(second)]
                try await second.execute("INSERT INTO t VALUES (2)")
                return texts + [try await dump(second)]
            }
        }
        #expect(Set(texts).count == 1)
        let text = texts[0]
        #expect(text.hasPrefix("--\n-- Name: f(); Type: FUNCTION; Schema: public; Owner: -\n--\n"), "\(text)")
        #expect(text.hasSuffix("\n-- Applied of the set 'default':\n--   1_t.sql\n"), "\(text)")
        #expect(text.contains("COMMENT ON TABLE public.t IS 'one\n-- Name: two';"))
        for noise in ["cygni_migrate", "Dumped", "SET ", "\\restrict", "set_config", "INSERT", "dump complete"] {
            #expect(!text.contains(noise), "\(noise) in \(text)")
        }
    }

    /// The text is SQL that makes the same schema again.
    @Test func itMakesTheSchemaAnew() async throws {
        try await withDatabase { first in
            let text = try await dump(first)
            try await withDatabase { second in
                try await second.execute(text)
                let again = try await SchemaDump.text(second.options(), set: "default", applied: ["1_t.sql"])
                #expect(again == text)
            }
        }
    }

    @Test func differencesAreLines() {
        #expect(DumpText.differences(from: "a\nb\nc\n", to: "a\nc\nd\n") == ["-b", "+d"])
    }
}
