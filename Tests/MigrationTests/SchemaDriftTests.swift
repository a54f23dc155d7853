import CygniJobs
import CygniPostgres
import CygniTestSupport
import Testing

@testable import SchemaMigration

/// The database against what its files make.
@Suite struct SchemaDriftTests {
    private static let files = [
        "1_t.sql": """
        -- migrate:up
        CREATE TYPE mood AS ENUM ('sad', 'glad');
        CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, x int NOT NULL DEFAULT 1 CHECK (x > 0), m mood);
        CREATE INDEX t_x ON t (x) WHERE x > 5;
        CREATE VIEW v AS SELECT x FROM t;
        CREATE MATERIALIZED VIEW mv AS SELECT count(*) FROM t;
        CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a';
        CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER tg BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION g();
        ALTER TABLE t ENABLE ROW LEVEL SECURITY;
        CREATE POLICY p ON t USING (x > 1);
        GRANT SELECT ON t TO pg_monitor;
        COMMENT ON TABLE t IS 'things';
        CREATE DOMAIN d AS int CHECK (VALUE > 0);
        CREATE SEQUENCE s;
        CREATE TABLE days (at date) PARTITION BY RANGE (at);
        """,
        "2_pending.sql": "-- migrate:up\nCREATE TABLE later (x int);",
    ]

    private func differences(_ change: String, ignoring: [String] = []) async throws -> [String] {
        try await withDatabase { database in
            var migrator = try migrator(database, Self.files)
            migrator.limit = 1
            try await migrator.up()
            if !change.isEmpty { try await database.execute(change) }
            return try await migrator.schemaDrift(ignoring: ignoring.map(NamePattern.init))
                .map { "\($0.kind) \($0.object)" }
        }
    }

    @Test func anUntouchedDatabaseIsAsItsFilesMakeIt() async throws {
        try await #expect(differences("INSERT INTO t (x) VALUES (7); REFRESH MATERIALIZED VIEW mv").isEmpty)
    }

    @Test(arguments: [
        ("ALTER TABLE t ADD y int", ["extra column public.t.y"]),
        ("ALTER TABLE t DROP COLUMN m", ["missing column public.t.m"]),
        ("ALTER TABLE t ALTER id TYPE int", ["differs column public.t.id", "differs sequence range public.t_id_seq"]),
        ("ALTER TABLE t ALTER x DROP NOT NULL", ["differs column public.t.x"]),
        ("ALTER TABLE t ALTER x SET DEFAULT 2", ["differs column public.t.x"]),
        ("DROP INDEX t_x; CREATE INDEX t_x ON t (x) WHERE x > 6", ["differs index public.t t_x"]),
        ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 't_x'::regclass", ["differs index public.t t_x"]),
        ("ALTER TABLE t DROP CONSTRAINT t_x_check", ["missing constraint public.t t_x_check"]),
        ("CREATE OR REPLACE VIEW v AS SELECT x, 1 AS one FROM t", ["differs view public.v"]),
        (
            "CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a + 1'",
            [
                "differs function public.f(a integer)"
            ]
        ),
        ("CREATE FUNCTION f(a text) RETURNS text LANGUAGE sql AS 'SELECT a'", ["extra function public.f(a text)"]),
        ("ALTER TABLE t DISABLE TRIGGER tg", ["differs trigger public.t tg"]),
        ("ALTER POLICY p ON t USING (x > 2)", ["differs policy public.t p"]),
        ("ALTER TABLE t DISABLE ROW LEVEL SECURITY", ["differs table public.t"]),
        ("REVOKE SELECT ON t FROM pg_monitor", ["missing right select of pg_monitor on table public.t"]),
        ("GRANT DELETE ON t TO public", ["extra right delete of public on table public.t"]),
        ("COMMENT ON TABLE t IS 'other'", ["differs comment table public.t"]),
        ("ALTER TYPE mood ADD VALUE 'mad'", ["differs type public.mood"]),
        ("ALTER DOMAIN d SET NOT NULL", ["differs type public.d"]),
        ("ALTER SEQUENCE s INCREMENT 5", ["differs sequence range public.s"]),
        ("CREATE TABLE u (x int PRIMARY KEY); GRANT SELECT ON u TO public", ["extra table public.u"]),
        (
            "DROP TABLE t CASCADE",
            [
                "missing materialized view public.mv", "missing table public.t", "missing view public.v",
            ]
        ),
        ("CREATE SCHEMA \"My\"; CREATE TABLE \"My\".\"T\" ()", ["extra schema \"My\"", "extra table \"My\".\"T\""]),
    ])
    func whatSomebodyChangedByHandIsNamed(change: String, expected: [String]) async throws {
        try await #expect(differences(change) == expected)
    }

    @Test func ignoredNamesTakeWhatGoesWithThemAlong() async throws {
        let change =
            "CREATE TABLE days_p1 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2026-02-01'); CREATE INDEX ON days_p1 (at)"
        try await #expect(differences(change) == ["extra table public.days_p1"])
        try await #expect(differences(change, ignoring: ["public.days_p*"]).isEmpty)
    }

    @Test func tellsBothDefinitions() async throws {
        try await withDatabase { database in
            let migrator = try migrator(database, Self.files)
            try await migrator.up()
            try await database.execute("ALTER TABLE t ALTER x SET DEFAULT 2")
            let found = try await migrator.schemaDrift()
            #expect(found.map(\.expected) == ["integer not null default 1"])
            #expect(found.map(\.found) == ["integer not null default 2"])
        }
    }

    /// Days of samples and roll-ups come and go by jobs.
    @Test func thePlatformsOwnSchemaHasNoDrift() async throws {
        try await withDatabase { database in
            let set = try PlatformMigrations.load()
            let migrator = Migrator(set: set, options: database.options(), toolVersion: "test")
            try await migrator.up()
            try await database.execute("SELECT cygni.ensure_partitions('metric_samples', '2026-01-01', '2026-01-03')")
            try await #expect(migrator.schemaDrift().isEmpty)
            try await database.execute("ALTER TABLE cygni.tenants ADD note text")
            try await #expect(migrator.schemaDrift().map(\.object) == ["column cygni.tenants.note"])
        }
    }

    @Test func filesThatContradictTheLedgerAreToldFirst() async throws {
        try await withDatabase { database in
            try await migrator(database, ["1_t.sql": "-- migrate:up\nCREATE TABLE t ();"]).up()
            let edited = try migrator(database, ["1_t.sql": "-- migrate:up\nCREATE TABLE u ();"])
            await #expect(throws: DriftError.self) { try await edited.schemaDrift() }
        }
    }

    @Test func rolesAreNotMadeOnTheSameServer() async throws {
        try await withDatabase { database in
            let migrator = try migrator(
                database,
                ["1_r.sql": "-- migrate:up\nALTER ROLE pg_monitor SET work_mem = '4MB';"]
            )
            _ = try await migrator.baseline(#require(MigrationVersion("1")))
            let failure = await #expect(throws: JobFailure.self) { try await migrator.schemaDrift() }
            #expect(failure?.description.contains("db/1_r.sql:2 changes what all databases") == true)
        }
    }
}
