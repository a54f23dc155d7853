import CygniPostgres
import CygniTestSupport
import Foundation
import Testing

/// The built `cygni-cert-renew` on a database of its own, with a CA of the test's own.
struct RenewProcess {
    let database: TestDatabase
    let folder: TemporaryFolder
    let pebble: Pebble

    init(_ database: TestDatabase, _ pebble: Pebble, more: String = "", authorities: String? = nil) async throws {
        self.database = database
        self.pebble = pebble
        folder = try TemporaryFolder()
        let key = Data((0..<32).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
        try folder.write(key + "\n", to: "kek-1")
        try writeShared()
        try write(more: more, authorities: authorities)
    }

    func writeShared(encryption: String = "keys: {k1: {file: kek-1}}, current: k1") throws {
        try folder.write(
            """
            database: {url: '\(database.url(role: "cygni_owner"))', role: cygni_jobs}
            encryption: {\(encryption)}
            metrics: {textfile_directory: metrics}

            """,
            to: "cygni.yaml"
        )
        try FileManager.default.createDirectory(atPath: folder.file("metrics"), withIntermediateDirectories: true)
    }

    static func authority(_ pebble: Pebble, more: String = "") -> String {
        "{directory: '\(pebble.directory)', ca_file: \(pebble.caFile), orders: null, registered_domain: null, names: null, failures: null\(more)}"
    }

    /// - Parameter more: keys that come instead of or beside http-01 at the CA's port.
    func write(more: String = "", authorities: String? = nil) throws {
        let challenges = more.contains("challenges:") ? "" : "challenges: [http-01]"
        let http =
            more.split(separator: "\n").contains { $0.hasPrefix("http:") }
            ? "" : "http: {database: false, listen: 127.0.0.1@\(pebble.httpPort)}"
        let deploy = more.contains("deploy:") ? "" : "deploy: {directory: '\(folder.file("tls"))'}"
        try folder.write(
            """
            authorities: \(authorities ?? "{first: \(Self.authority(pebble))}")
            resolver:
              forwarders: ['127.0.0.1@\(pebble.names.dnsPort)']
              trust_anchors: []
              asks_loopback: true
            \(challenges)
            \(http)
            \(deploy)
            \(more)

            """,
            to: "jobs/cert-renew.yaml"
        )
    }

    func start(_ arguments: [String] = [], crashAt: String? = nil, host: String? = nil) throws -> ChildProcess {
        var environment = ["CYGNI_CONFIG": folder.file("cygni.yaml")]
        environment["CYGNI_CRASH_AT"] = crashAt
        let program = try BuiltExecutable("cygni-cert-renew")
        guard let host else { return try program.start(arguments, environment: environment) }
        return try ChildProcess(
            path: "/usr/bin/unshare",
            arguments: ["--uts", "sh", "-c", "hostname \(host) && exec \"$@\"", "sh", program.path] + arguments,
            environment: ChildProcess.baseEnvironment.merging(environment) { _, new in new }
        )
    }

    @discardableResult
    func run(_ arguments: [String] = [], crashAt: String? = nil, host: String? = nil) async throws -> ProcessResult {
        try await start(arguments, crashAt: crashAt, host: host).result(timeLimit: .seconds(120))
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

    /// Certificates of the platform itself, one a name.
    func want(_ names: [String]) async throws {
        let rows = names.map { "(ARRAY['\($0)'])" }.joined(separator: ", ")
        try await owner("INSERT INTO cygni.certificates (domain_names) VALUES \(rows)")
    }

    /// `name state reason failures`, by name.
    func states() async throws -> [String] {
        try await text(
            "SELECT string_agg(concat_ws(' ', domain_names[1], state, reason, failures), ',' ORDER BY domain_names[1]) FROM cygni.certificates"
        ).split(separator: ",").map(String.init)
    }

    /// Everything is due now.
    func due() async throws {
        try await owner(
            "UPDATE cygni.certificates SET next_attempt_at = now(), look_at = CASE WHEN look_at IS NULL THEN NULL ELSE now() END"
        )
    }

    func count(_ key: String, in result: ProcessResult) throws -> Int {
        let report = try JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8)) as? [String: Any]
        return (report?["counts"] as? [String: Any])?[key] as? Int ?? 0
    }
}

/// Runs a test's body with a CA and a migrated database.
func withRenewal(
    _ options: Pebble.Options = Pebble.Options(),
    more: String = "",
    _ body: (RenewProcess) async throws -> Void
) async throws {
    let pebble = try await Pebble(options)
    try await withDatabase(.migrated) { database in
        try await body(try await RenewProcess(database, pebble, more: more))
    }
}
