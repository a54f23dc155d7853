import CygniDNS
import CygniPostgres
import CygniTestSupport
import Foundation
import Testing

/// The built `cygni-dns-verify` on a database of its own, asking name servers of the test's own.
struct VerifyProcess {
    static let edge = "192.0.2.1"

    let database: TestDatabase
    let folder: TemporaryFolder

    /// - Parameters:
    ///   - stubs: by zone, the addresses of its servers.
    ///   - settings: more keys of `jobs/dns-verify.yaml`.
    init(_ database: TestDatabase, stubs: [String: [String]], anchors: [String] = [], settings: String = "") throws {
        self.database = database
        folder = try TemporaryFolder()
        try folder.write(
            "database: {url: '\(database.url(role: "cygni_owner"))', role: cygni_jobs}\n",
            to: "cygni.yaml"
        )
        try write(stubs: stubs, anchors: anchors, settings: settings)
    }

    func write(
        stubs: [String: [String]],
        anchors: [String] = [],
        resolver: String = "window: 200",
        deadline: String = "5s",
        settings: String = ""
    ) throws {
        let zones = stubs.map { "\($0.key): [\($0.value.map { "'\($0)'" }.joined(separator: ", "))]" }
        let list = anchors.map { "'\($0)'" }.joined(separator: ", ")
        try folder.write(
            """
            resolver:
              stubs: {\(zones.joined(separator: ", "))}
              trust_anchors: [\(list)]
              asks_loopback: true
              max_round_trip: 500ms
              deadline: \(deadline)
              # Other tests run beside this one, and a busy server loses questions.
              retries: 5
              \(resolver)
            \(settings.contains("edge:") ? "" : "edge: {addresses: [\(Self.edge), '2001:db8::1'], names: [edge.cygni.example]}")
            \(settings)

            """,
            to: "jobs/dns-verify.yaml"
        )
    }

    func start(_ arguments: [String] = [], crashAt: String? = nil, host: String? = nil) throws -> ChildProcess {
        var environment = ["CYGNI_CONFIG": folder.file("cygni.yaml")]
        environment["CYGNI_CRASH_AT"] = crashAt
        guard let host else {
            return try BuiltExecutable("cygni-dns-verify").start(arguments, environment: environment)
        }
        // A host's name of its own.
        return try ChildProcess(
            path: "/usr/bin/unshare",
            arguments: [
                "--uts", "sh", "-c", "hostname \(host) && exec \"$@\"", "sh", BuiltExecutable("cygni-dns-verify").path,
            ] + arguments,
            environment: ChildProcess.baseEnvironment.merging(environment) { _, new in new }
        )
    }

    func run(_ arguments: [String] = [], crashAt: String? = nil) async throws -> ProcessResult {
        try await start(arguments, crashAt: crashAt).result(timeLimit: .seconds(120))
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

    /// Tenants t1 to t4, each with a project.
    func seed() async throws {
        try await owner(
            """
            INSERT INTO cygni.tenants (id, slug) SELECT md5('t' || i)::uuid, 't' || i FROM generate_series(1, 4) AS i;
            INSERT INTO cygni.projects (id, tenant_id, slug) SELECT md5('p' || i)::uuid, md5('t' || i)::uuid, 'p' FROM generate_series(1, 4) AS i;
            """
        )
    }

    /// - Returns: the token.
    @discardableResult
    func claim(_ name: String, tenant: Int = 1, more: String = "") async throws -> String {
        try await owner(
            """
            INSERT INTO cygni.domains (tenant_id, project_id, name) VALUES (md5('t\(tenant)')::uuid, md5('p\(tenant)')::uuid, '\(name)');
            \(more)
            """
        )
        return try await token(name, tenant: tenant)
    }

    func token(_ name: String, tenant: Int = 1) async throws -> String {
        try await text(
            "SELECT verification_token FROM cygni.domains WHERE name = '\(name)' AND tenant_id = md5('t\(tenant)')::uuid AND state <> 'removed'"
        )
    }

    /// Everything is due, and everything so far happened longer ago.
    func pass(_ interval: String = "1 minute") async throws {
        try await owner(
            """
            UPDATE cygni.domains SET next_check_at = now(), state_since = state_since - interval '\(interval)',
                token_made_at = token_made_at - interval '\(interval)', last_checked_at = last_checked_at - interval '\(interval)'
            """
        )
    }

    /// `state reason misses`, by name and tenant.
    func states() async throws -> [String] {
        try await text(
            """
            SELECT string_agg(concat_ws(' ', d.name, t.slug, d.state, d.reason, d.misses), ',' ORDER BY d.name, t.slug)
            FROM cygni.domains AS d JOIN cygni.tenants AS t ON t.id = d.tenant_id
            """
        ).split(separator: ",").map(String.init)
    }

    /// Looks once, after a minute.
    @discardableResult
    func look(_ arguments: [String] = [], after interval: String = "1 minute") async throws -> ProcessResult {
        try await pass(interval)
        let result = try await run(arguments)
        return result
    }
}

extension NameServer {
    /// Puts other records into a zone and waits until they are served.
    func serve(_ zone: String, serial: Int, _ records: String) async throws {
        try replace(zone, serial: serial, records)
        let client = try DirectClient()
        let address = try #require(ServerAddress(address))
        let name = try #require(DomainName(zone))
        for _ in 0..<200 {
            if case .message(let message, _, _) = try await client.ask(address, name, .soa) {
                for case .authority(let soa) in message.answers.map(\.data) where soa.serial == UInt32(serial) {
                    return
                }
            }
            try await Task.sleep(for: .milliseconds(25))
        }
        throw TestSupportError("nsd did not take serial \(serial) of \(zone)")
    }
}
