import CygniAccess
import CygniHTTP
import CygniModel
import CygniPostgres
import CygniTestSupport
import Foundation
import SchemaMigration
import Testing

/// The built `cygni-api` on a database of its own, with two tenants, `acme` and `bolt`.
struct ServedAPI {
    static let issuer = "http://cygni.test"
    let database: TestDatabase
    let folder: TemporaryFolder
    let keys: SigningKeys
    let client: HTTPClient
    let process: ChildProcess
    let port: Int

    /// - Parameters:
    ///   - url: of the database; nil: straight to the server.
    ///   - settings: more lines of `api.yaml`.
    init(_ database: TestDatabase, url: String? = nil, pool: Int = 4, settings: String = "") async throws {
        self.database = database
        folder = try TemporaryFolder()
        try folder.write(
            """
            database: {url: '\(url ?? database.url(role: "cygni_owner"))', role: cygni_jobs, pool: \(pool)}
            object_store: {url: 'file://\(folder.path)'}

            """,
            to: "cygni.yaml"
        )
        try folder.write(
            Data((0..<32).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString(),
            to: "secret"
        )
        let openssl = BuiltExecutable(path: "/usr/bin/openssl")
        let pem = try await openssl.run(["ecparam", "-name", "prime256v1", "-genkey", "-noout"]).standardOutput
        try folder.write(pem, to: "key.pem")
        try folder.write(
            """
            listen: {port: 0}
            public_url: \(Self.issuer)
            secret: {file: secret}
            tokens: {keys: {k1: {file: key.pem}}, current: k1}
            \(settings)

            """,
            to: "api.yaml"
        )
        keys = try await SigningKeys(pem: ["k1": Secret(pem)], current: "k1")
        var configuration = HTTPClient.Configuration()
        configuration.addresses = .any
        configuration.connectionsPerHost = 64
        client = try HTTPClient(configuration)
        process = try BuiltExecutable("cygni-api").start(
            ["--log-format", "json"],
            environment: ["CYGNI_CONFIG": folder.file("cygni.yaml")],
            folder: folder.path
        )
        try await process.output(contains: "\"listening\"", timeLimit: .seconds(30))
        let digits = process.errorText.components(separatedBy: "\"port\":\"")[1].prefix { $0.isNumber }
        port = try #require(Int(digits))
    }

    func tool(_ arguments: [String], _ name: String = "cygni") async throws -> ProcessResult {
        try await BuiltExecutable(name).run(arguments, environment: ["CYGNI_CONFIG": folder.file("cygni.yaml")])
    }

    /// An access token as the server itself would give it.
    func token(_ role: String, tenant: String? = "acme", lifetime: Int = 600) async throws -> String {
        let id = try await tenantID(tenant)
        return try await keys.sign(
            AccessToken(
                issuer: Self.issuer,
                subject: "user:\(role)@\(tenant ?? "platform")",
                tenant: id,
                role: role,
                lifetime: lifetime,
                now: Int(Date().timeIntervalSince1970)
            )
        )
    }

    func tenantID(_ tenant: String?) async throws -> UUID? {
        guard let tenant else { return nil }
        return UUID(uuidString: try await text("SELECT id FROM cygni.tenants WHERE slug = '\(tenant)'"))
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

    struct Answer: CustomStringConvertible {
        let status: Int
        let headers: [(name: String, value: String)]
        let bytes: [UInt8]

        var text: String { String(decoding: bytes, as: UTF8.self) }
        var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any] ?? [:] }
        var list: [[String: Any]] { (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [[String: Any]] ?? [] }
        var items: [[String: Any]] { json["items"] as? [[String: Any]] ?? [] }
        var description: String { "\(status) \(headers) \(text.prefix(2000))" }

        /// The kind of a problem: the last part of its type.
        var problem: String? { (json["type"] as? String)?.split(separator: "/").last.map(String.init) }

        func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
    }

    func ask(
        _ method: String,
        _ path: String,
        token: String? = nil,
        body: String? = nil,
        headers: [(name: String, value: String)] = []
    ) async throws -> Answer {
        var fields = headers
        if let token { fields.append(("Authorization", "Bearer \(token)")) }
        if body != nil, !fields.contains(where: { $0.name == "Content-Type" }) {
            fields.append(("Content-Type", "application/json"))
        }
        return try await send(method, path, body.map { .bytes(Array($0.utf8)) } ?? .none, fields)
    }

    func send(
        _ method: String,
        _ path: String,
        _ token: String,
        _ bytes: [UInt8],
        _ headers: [(name: String, value: String)]
    ) async throws -> Answer {
        try await send(method, path, .bytes(bytes), headers + [("Authorization", "Bearer \(token)")])
    }

    private func send(
        _ method: String,
        _ path: String,
        _ body: HTTPBody,
        _ fields: [(name: String, value: String)]
    ) async throws -> Answer {
        let request = HTTPRequest(method, "http://127.0.0.1:\(port)\(path)", headers: fields, body: body)
        let response = try await client.send(request)
        return Answer(status: response.status, headers: response.headers, bytes: try await response.body.collect())
    }

    func get(_ path: String, token: String? = nil) async throws -> Answer { try await ask("GET", path, token: token) }
}

extension DatabaseTemplate {
    /// Tenants `acme` and `bolt`, each with a project, five deployments, a domain, a certificate and an audit entry.
    static let served = DatabaseTemplate("served") { database in
        try await PlatformMigrations.apply(to: database.options())
        try await database.connect(role: "cygni_jobs").access { session in
            for tenant in ["acme", "bolt"] {
                try session.script(
                    """
                    INSERT INTO cygni.tenants (id, slug, plan) VALUES (md5('\(tenant)')::uuid, '\(tenant)', 'free');
                    INSERT INTO cygni.projects (tenant_id, id, slug) VALUES (md5('\(tenant)')::uuid, md5('\(tenant) web')::uuid, 'web');
                    INSERT INTO cygni.deployments (tenant_id, project_id, id, kind, branch, state, created_at)
                        SELECT md5('\(tenant)')::uuid, md5('\(tenant) web')::uuid, md5('\(tenant) ' || n)::uuid, 'preview', '\(tenant)-' || n,
                            'ready', '2026-11-01 12:00:00.123456+00'
                        FROM generate_series(1, 5) AS n;
                    INSERT INTO cygni.domains (tenant_id, project_id, id, name)
                        VALUES (md5('\(tenant)')::uuid, md5('\(tenant) web')::uuid, md5('\(tenant) domain')::uuid, '\(tenant).example.test');
                    INSERT INTO cygni.certificates (tenant_id, id, domain_names)
                        VALUES (md5('\(tenant)')::uuid, md5('\(tenant) certificate')::uuid, '{\(tenant).example.test}');
                    SELECT cygni.audit_append(md5('\(tenant)')::uuid, 'user:\(tenant)', 'test', '\(tenant)');
                    """,
                    name: tenant
                )
            }
        }
    }
}

func withServer(pool: Int = 4, settings: String = "", _ body: (ServedAPI) async throws -> Void) async throws {
    try await withDatabase(.served) { database in
        let server = try await ServedAPI(database, pool: pool, settings: settings)
        defer { server.process.signal(9) }
        try await body(server)
    }
}
