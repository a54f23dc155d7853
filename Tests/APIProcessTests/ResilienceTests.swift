import CygniHTTP
import CygniPostgres
import CygniTestSupport
import Foundation
import Glibc
import Testing

/// The server when its database goes and comes, behind a pooler, under clients that misbehave, and when it is stopped.
@Suite struct ResilienceTests {
    /// A script of Tests/Peers, at work on the server.
    private func start(_ name: String, _ server: ServedAPI) throws -> ChildProcess {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Peers/\(name).py").path
        return try BuiltExecutable(path: "/usr/bin/python3").start([file, "\(server.port)"])
    }

    /// Statements of two tenants over few connections that many share: each sees its own rows, whoever had the connection
    /// before.
    @Test func behindATransactionPoolerNobodySeesAnother() async throws {
        try await withDatabase(.served) { database in
            let pooler = try await PgBouncer(
                database,
                [
                    "pool_mode": "transaction", "default_pool_size": "2",
                    "ignore_startup_parameters": "options,extra_float_digits",
                ]
            )
            let server = try await ServedAPI(database, url: pooler.options().url, pool: 8)
            defer { server.process.signal(SIGKILL) }
            let tokens = [
                "acme": try await server.token("owner"), "bolt": try await server.token("owner", tenant: "bolt"),
            ]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<300 {
                    let tenant = number % 2 == 0 ? "acme" : "bolt"
                    group.addTask {
                        let path = number % 7 == 0 ? "/v2/audit?action=test" : "/v2/deployments"
                        let answer = try await server.get(path, token: tokens[tenant])
                        let other = tenant == "acme" ? "bolt" : "acme"
                        #expect(
                            answer.status == 200 && answer.text.contains(tenant) && !answer.text.contains(other),
                            "\(answer)"
                        )
                    }
                }
                try await group.waitForAll()
            }
            let id = try await server.text("md5('acme 1')::uuid")
            let pinned = try await server.ask(
                "POST",
                "/v2/deployments/\(id)/pin",
                token: tokens["acme"],
                body: #"{"pinned": true}"#,
                headers: [("Idempotency-Key", "a")]
            )
            #expect(pinned.status == 200, "\(pinned)")
            try await linesComeInForWhomeverTheyAre(server, tokens)
        }
    }

    /// Somebody puts a pooler where the server was while the API runs: what was prepared on the connections is on others then.
    @Test func aPoolerThatComesInBetween() async throws {
        try await withDatabase(.served) { database in
            let port = database.cluster.port
            let pooler = try await PgBouncer(
                database,
                [
                    "pool_mode": "transaction", "default_pool_size": "3", "listen_port": "\(port)",
                    "server_round_robin": "1", "ignore_startup_parameters": "options,extra_float_digits",
                ]
            )
            let way = try TemporaryFolder()
            let link = way.file("way")
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: database.cluster.folder)
            let url = "postgresql:///\(database.name)?host=\(link)&port=\(port)&user=\(TestCluster.superuser)"
            let server = try await ServedAPI(database, url: url, pool: 4)
            defer { server.process.signal(SIGKILL) }
            let token = try await server.token("owner")
            let one = "/v2/deployments/\(try await server.text("md5('acme 1')::uuid"))"
            #expect(try await server.get("/v2/deployments", token: token).status == 200)
            try FileManager.default.removeItem(atPath: link)
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: pooler.place)
            try await database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cygni-api' AND datname = current_database()"
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let answer = try await server.get(number % 3 == 0 ? one : "/v2/deployments", token: token)
                        #expect(answer.status == 200 && answer.text.contains("acme"), "\(answer)")
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// Batches of two tenants at once, each twice by one key; then read back.
    private func linesComeInForWhomeverTheyAre(_ server: ServedAPI, _ tokens: [String: String]) async throws {
        let projects = [
            "acme": try await server.text("md5('acme web')::uuid"),
            "bolt": try await server.text("md5('bolt web')::uuid"),
        ]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<160 {
                let (tenant, number) = (number % 2 == 0 ? "acme" : "bolt", number / 4)
                group.addTask {
                    let sent = try await server.ask(
                        "POST",
                        "/v2/logs",
                        token: tokens[tenant],
                        body: #"{"project_id": "\#(projects[tenant] ?? "")", "message": "\#(tenant) \#(number)"}"#,
                        headers: [IngestTests.ndjson, ("Idempotency-Key", "key-\(number)")]
                    )
                    // The other one with its key may be under way.
                    #expect(sent.status == 200 || sent.status == 409, "\(sent)")
                }
            }
            try await group.waitForAll()
        }
        for (tenant, token) in tokens {
            let messages = try await server.get("/v2/logs?limit=200", token: token).items.compactMap {
                $0["message"] as? String
            }
            #expect(Set(messages) == Set((0..<40).map { "\(tenant) \($0)" }) && messages.count == 40, "\(messages)")
        }
    }

    /// Stopped and started under load: answers are right or say that they can't be, and then all is well again.
    @Test func theDatabaseIsStoppedAndStarted() async throws {
        let cluster = try await TestCluster.start()
        let database = try await cluster.makeDatabase(.served)
        let server = try await ServedAPI(database)
        defer { server.process.signal(SIGKILL) }
        let tokens = [
            "acme": try await server.token("viewer"), "bolt": try await server.token("viewer", tenant: "bolt"),
        ]
        let counts = try await withThrowingTaskGroup(of: [Int: Int].self) { group in
            for worker in 0..<6 {
                let tenant = worker % 2 == 0 ? "acme" : "bolt"
                group.addTask {
                    var counts: [Int: Int] = [:]
                    for _ in 0..<400 {
                        let answer = try await server.get("/v2/deployments", token: tokens[tenant])
                        counts[answer.status, default: 0] += 1
                        let other = tenant == "acme" ? "bolt" : "acme"
                        #expect(!answer.text.contains(other), "\(answer)")
                        if answer.status == 200 {
                            #expect(answer.items.count == 5)
                        } else {
                            #expect(
                                [429, 503].contains(answer.status) && answer.header("Retry-After") != nil,
                                "\(answer)"
                            )
                        }
                        try await Task.sleep(for: .milliseconds(10))
                    }
                    return counts
                }
            }
            group.addTask {
                try await Task.sleep(for: .milliseconds(500))
                try await cluster.stop(immediate: true)
                try await Task.sleep(for: .milliseconds(700))
                #expect(try await server.get("/readyz").status == 503)
                #expect(try await server.get("/healthz").status == 200)
                #expect(try await server.get("/metrics").text.contains("cygni_api_database_up 0"))
                try await cluster.start()
                return [:]
            }
            return try await group.reduce(into: [:]) { all, one in all.merge(one, uniquingKeysWith: +) }
        }
        #expect(counts[200, default: 0] > 500 && counts[503, default: 0] > 0, "\(counts)")
        #expect(try await server.get("/v2/deployments", token: tokens["acme"]).status == 200)
        #expect(try await server.get("/readyz").status == 200)
        try await cluster.stop(immediate: true)
    }

    /// What was under way when the server was told to stop is answered, and what was answered is kept.
    @Test func stoppedUnderLoadItLosesNoAnswer() async throws {
        try await withServer(pool: 4, settings: "rates: {free: {writes: 600000}}") { server in
            let token = try await server.token("developer")
            let project = try await server.text("md5('acme web')::uuid")
            let made = try await withThrowingTaskGroup(of: [String].self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        var made: [String] = []
                        for number in 0..<2000 {
                            let name = "w\(worker)-\(number).example.test"
                            let body = #"{"project_id": "\#(project)", "name": "\#(name)"}"#
                            // Refused connections end it: the server is gone.
                            guard let answer = try? await server.ask("POST", "/v2/domains", token: token, body: body)
                            else { break }
                            #expect(answer.status == 201, "\(answer)")
                            if answer.status == 201 { made.append(name) }
                        }
                        return made
                    }
                }
                group.addTask {
                    try await Task.sleep(for: .milliseconds(800))
                    server.process.signal(SIGTERM)
                    return []
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let result = try await server.process.result(timeLimit: .seconds(30))
            #expect(result.status == 0, "\(result.status)")
            #expect(made.count > 20, "\(made.count)")
            let kept = try await server.text("SELECT string_agg(name, ' ') FROM cygni.domains").split(separator: " ")
                .map(String.init)
            #expect(Set(made).isSubset(of: Set(kept)))
        }
    }

    @Test func clientsThatAreSlowOrSayNothing() async throws {
        try await withServer(settings: "limits: {idle: 2s, time: 3s}") { server in
            // Half a request and then silence; a body that drips.
            let result = try await start("slow_clients", server).result()
            #expect(result.standardOutput.contains("drip True HTTP/1.1 504"), "\(result)")
            #expect(result.standardOutput.contains("silent b''"), "\(result)")
            #expect(result.standardOutput.contains("half"), "\(result)")
            #expect(try await server.get("/healthz").status == 200)
        }
    }

    /// One that is busy says so, and still that it lives.
    @Test func moreRequestsThanItTakes() async throws {
        try await withServer(settings: "limits: {requests: 1, time: 20s}") { server in
            let held = try start("held_request", server)
            defer { held.signal(SIGKILL) }
            var answer = try await server.get("/v2/me")
            for _ in 0..<1000 where answer.status != 503 {
                try await Task.sleep(for: .milliseconds(20))
                answer = try await server.get("/v2/me")
            }
            #expect(
                answer.status == 503 && answer.problem == "busy" && answer.header("Retry-After") == "1",
                "\(answer)"
            )
            #expect(try await server.get("/healthz").status == 200)
        }
    }

    /// Each costs a descriptor here and there, so both sides' limits are raised as far as the machine lets.
    @Test func tenThousandIdleConnections() async throws {
        try await withServer { server in
            let result = try await start("idle_clients", server).result()
            #expect(result.standardOutput == "10000 200\n", "\(result)")
            #expect(try await server.get("/v2/deployments", token: server.token("viewer")).status == 200)
        }
    }

    @Test func whatPrometheusReads() async throws {
        try await withServer { server in
            _ = try await server.get("/v2/deployments", token: server.token("viewer"))
            _ = try await server.get("/v2/nothing/at/all")
            try await server.owner(
                """
                INSERT INTO cygni.job_fences (job, fence) VALUES ('log-archive', 1);
                INSERT INTO cygni.job_runs (job, state, started_at, finished_at, exit_status)
                VALUES ('log-archive', 'succeeded', '2026-11-01 00:00+00', '2026-11-01 00:01+00', 0),
                       ('log-archive', 'failed', '2026-11-02 00:00+00', '2026-11-02 00:02+00', 1)
                """
            )
            let text = try await server.get("/metrics").text
            #expect(
                text.contains("cygni_api_requests_total{method=\"GET\",route=\"/v2/deployments\",status=\"200\"} 1\n")
            )
            #expect(
                text.contains("cygni_task_last_success_timestamp_seconds{task=\"log-archive\"} 1793491260.0"),
                "\(text)"
            )
            #expect(text.contains("cygni_task_last_exit_code{task=\"log-archive\"} 1\n"))
            #expect(!text.contains("at/all"), "a stranger's path is no label")
            let lint = try await BuiltExecutable(path: "/usr/bin/promtool").run(["check", "metrics"], input: text)
            #expect(lint.status == 0, "\(lint)")
        }
    }
}
