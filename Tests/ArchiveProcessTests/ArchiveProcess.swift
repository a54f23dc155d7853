import CygniPostgres
import CygniTestSupport
import Foundation
import Testing

/// The built `cygni-log-archive` on a database and a store of its own.
struct ArchiveProcess {
    let database: TestDatabase
    let folder: TemporaryFolder
    private let executable: BuiltExecutable

    /// - Parameters:
    ///   - store: lines of YAML under `object_store`; nil is a folder.
    ///   - settings: the job's own file.
    init(_ database: TestDatabase, store: String? = nil, settings: String = "") throws {
        self.database = database
        folder = try TemporaryFolder()
        executable = try BuiltExecutable("cygni-log-archive")
        let store = store ?? "url: 'file://\(folder.file("objects"))'"
        try folder.write(
            """
            database:
              url: '\(database.url(role: "cygni_owner"))'
            object_store:
              \(store.replacing("\n", with: "\n  "))
            metrics:
              textfile_directory: '\(folder.path)'
            """,
            to: "cygni.yaml"
        )
        try write(settings: settings)
    }

    func write(settings: String) throws {
        try folder.write("spool: '\(folder.path)'\nretries: 2\n\(settings)\n", to: "jobs/log-archive.yaml")
    }

    func run(_ arguments: [String] = [], crashAt: String? = nil) async throws -> ProcessResult {
        try await start(arguments, crashAt: crashAt).result(timeLimit: .seconds(120))
    }

    func start(
        _ arguments: [String] = [],
        crashAt: String? = nil,
        environment more: [String: String] = [:]
    ) throws -> ChildProcess {
        var environment = ["CYGNI_CONFIG": folder.file("cygni.yaml"), "S3_KEY": "key", "S3_SECRET": "secret"]
        environment.merge(more) { _, given in given }
        environment["CYGNI_CRASH_AT"] = crashAt
        return try executable.start(arguments, environment: environment)
    }

    /// The operator's tool with the same settings.
    func tool(_ arguments: [String]) async throws -> ProcessResult {
        try await BuiltExecutable("cygni").run(
            arguments,
            environment: ["CYGNI_CONFIG": folder.file("cygni.yaml"), "S3_KEY": "key", "S3_SECRET": "secret"]
        )
    }

    /// Log lines of three tenants over a past day, nasty ones among them.
    func seed(day: String = "2026-03-05", rows: Int = 600) async throws {
        try await owner(
            """
            INSERT INTO cygni.tenants (id, slug) SELECT md5('t' || i)::uuid, 't' || i FROM generate_series(1, 3) AS i
            ON CONFLICT DO NOTHING;
            SELECT cygni.ensure_partitions('log_lines', '\(day)', '\(day)');
            INSERT INTO cygni.log_lines
            SELECT timestamptz '\(day) 00:00+00' + i * interval '86399 seconds' / \(rows), md5('t' || (1 + i % 3))::uuid,
                md5('p' || i % 3)::uuid, CASE WHEN i % 4 > 0 THEN md5('d' || i % 9)::uuid END, 'info',
                (ARRAY['plain', 'quote " back\\slash', E'new\\nline\\ttab\\r', E'\\x01\\x1f\\x7f', 'ünïcödé 日本 😀', '', E'\\u2028', '{"a":1}'])[1 + i % 8] || ' ' || i,
                jsonb_build_object('n', i, 'text', E'a"b\\\\c\\nd', 'deep', '{"tenant_id": "none"}'::jsonb)
            FROM generate_series(1, \(rows)) AS i;
            ANALYZE cygni.log_lines;
            """
        )
    }

    func owner(_ sql: String) async throws {
        try await database.connect(role: "cygni_owner").access { try $0.script(sql, name: "owner") }
    }

    func text(_ sql: String) async throws -> String {
        try await database.connect().access { session in
            try session.query(Statement("text", sql)).first?.get("value", as: String?.self) ?? ""
        }
    }

    /// `rows/verified archives/all archives`.
    func receipts() async throws -> String {
        try await text(
            """
            SELECT coalesce(sum(rows) FILTER (WHERE verified_at IS NOT NULL), 0) || '/' ||
                count(*) FILTER (WHERE verified_at IS NOT NULL) || '/' || count(*) AS value FROM cygni.archives
            """
        )
    }

    /// The paths of files in the folder store, without manifests.
    func objects() -> [String] {
        let root = folder.file("objects/archives")
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.contains(".jsonl.zst") && !$0.hasSuffix(".json") }.map { "\(root)/\($0)" }.sorted()
    }

    /// The lines of an unsealed object, by the `zstd` command.
    func lines(_ object: String) async throws -> [String] {
        let result = try await BuiltExecutable(path: "/usr/bin/zstd").run(["-dcq", object])
        try #require(result.status == 0, "\(result)")
        return result.standardOutput.split(separator: "\n").map(String.init)
    }
}
