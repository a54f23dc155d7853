import CygniPostgres
import CygniTestSupport
import Foundation
import Testing

/// The built `cygni-preview-reap` on a database of its own, with a store in a folder.
struct ReapProcess {
    let database: TestDatabase
    let folder: TemporaryFolder

    init(_ database: TestDatabase) async throws {
        self.database = database
        folder = try TemporaryFolder()
        try use(engines: "{}")
        try write("")
        try await owner(
            """
            INSERT INTO cygni.tenants (id, slug, plan) VALUES (md5('acme')::uuid, 'acme', 'free'), (md5('bolt')::uuid, 'bolt', 'team');
            INSERT INTO cygni.projects (tenant_id, id, slug, repository) VALUES
                (md5('acme')::uuid, md5('web')::uuid, 'web', 'github:acme/web'),
                (md5('bolt')::uuid, md5('api')::uuid, 'api', NULL);
            """
        )
    }

    /// - Parameter engines: as in `cygni.yaml`.
    func use(engines: String) throws {
        try folder.write(
            """
            database: {url: '\(database.url(role: "cygni_owner"))', role: cygni_jobs}
            object_store: {url: 'file://\(folder.file("objects"))'}
            engines: \(engines)

            """,
            to: "cygni.yaml"
        )
    }

    func write(_ settings: String) throws {
        try folder.write(settings + "\n", to: "jobs/preview-reap.yaml")
    }

    func start(_ arguments: [String] = [], crashAt: String? = nil, program: String = "cygni-preview-reap") throws
        -> ChildProcess
    {
        var environment = ["CYGNI_CONFIG": folder.file("cygni.yaml")]
        environment["CYGNI_CRASH_AT"] = crashAt
        return try BuiltExecutable(program).start(arguments, environment: environment)
    }

    func run(_ arguments: [String] = [], crashAt: String? = nil) async throws -> ProcessResult {
        try await start(arguments, crashAt: crashAt).result(timeLimit: .seconds(120))
    }

    func tool(_ arguments: [String]) async throws -> ProcessResult {
        try await start(arguments, program: "cygni").result(timeLimit: .seconds(60))
    }

    func owner(_ sql: String) async throws {
        try await database.connect(role: "cygni_owner").access { try $0.script(sql, name: "owner") }
    }

    func text(_ sql: String) async throws -> String {
        try await database.connect().access { session in
            try session.query(Statement("text", "SELECT (\(sql))::text AS value")).first?.get("value", as: String?.self)
                ?? ""
        }
    }

    /// A preview called `name`, whose id comes from that.
    ///
    /// - Parameter columns: more columns and their SQL.
    func preview(_ name: String, project: String = "web", _ columns: [(String, String)] = []) async throws {
        let tenant = project == "web" ? "acme" : "bolt"
        let columns = columns.contains { $0.0 == "kind" } ? columns : columns + [("kind", "'preview'")]
        let names = (["tenant_id", "project_id", "id"] + columns.map(\.0)).joined(separator: ", ")
        let state = columns.contains { $0.0 == "state" } ? "" : "'ready'"
        let all = names + (state.isEmpty ? "" : ", state")
        let values =
            ["md5('\(tenant)')::uuid", "md5('\(project)')::uuid", "md5('\(name)')::uuid"]
            + columns.map(\.1)
            + (state.isEmpty ? [] : [state])
        try await owner("INSERT INTO cygni.deployments (\(all)) VALUES (\(values.joined(separator: ", ")));")
    }

    /// How the id of a preview is written.
    func id(_ name: String) async throws -> String { try await text("md5('\(name)')::uuid") }

    func state(_ name: String) async throws -> String {
        try await text("SELECT state FROM cygni.deployments WHERE id = md5('\(name)')::uuid")
    }

    func count(_ state: String) async throws -> Int {
        Int(try await text("SELECT count(*) FROM cygni.deployments WHERE state = '\(state)'")) ?? -1
    }

    /// An image has labels of its own, which its containers may inherit.
    ///
    /// - Parameter tag: what the image is called, by its label.
    func imageLabels(_ name: String, platform: String = "cygni", name tag: String?) async throws -> [String: String] {
        var labels = ["dev.cygni.image.platform": platform, "dev.cygni.image.deployment": try await id(name)]
        labels["dev.cygni.image.name"] = tag
        return labels
    }

    func labels(_ name: String, platform: String = "cygni") async throws -> [String: String] {
        ["dev.cygni.platform": platform, "dev.cygni.deployment": try await id(name)]
    }
}

func withReaping(_ body: (ReapProcess) async throws -> Void) async throws {
    try await withDatabase(.migrated) { database in
        try await body(try await ReapProcess(database))
    }
}

/// A forge whose state the test writes.
struct ScriptedForge {
    let peer: PythonPeer
    let folder: TemporaryFolder

    init(_ state: String = #"{"repos": {"acme/web": {"branches": ["main"], "pulls": {}}}}"#) async throws {
        folder = try TemporaryFolder()
        try folder.write(state, to: "state")
        peer = try await PythonPeer.script("forge", [folder.file("state")])
    }

    func write(pulls: String, branches: String = #"["main"]"#, more: String = "") throws {
        try folder.write(
            #"{"repos": {"acme/web": {"branches": \#(branches), "pulls": \#(pulls)}}\#(more)}"#,
            to: "state"
        )
    }

    var requests: [String] {
        ((try? folder.read("state.log")) ?? "").split(separator: "\n").map(String.init)
    }

    func setting(_ kind: String = "github", more: String = "") -> String {
        "forges: {github: {kind: \(kind), url: '\(peer.url)/\(kind)', token: {file: token}, timeout: 3s\(more)}}"
    }
}
