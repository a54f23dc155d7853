import CygniHTTP
import CygniPostgres
import CygniTestSupport
import Foundation
import Testing

@testable import PlatformAPI

/// Runs that are asked for, watched and acknowledged.
@Suite struct RunTests {
    private func ended(_ server: ServedAPI, _ id: String, token: String) async throws -> ServedAPI.Answer {
        for _ in 0..<600 {
            let run = try await server.get("/v2/runs/\(id)", token: token)
            if run.status == 200, run.json["state"] as? String != "running" { return run }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw TimeLimitReached()
    }

    private struct TimeLimitReached: Error {}

    @Test func aRunNow() async throws {
        try await withServer { server in
            try server.folder.write("schedule: \"0 3 * * *\"\n", to: "jobs/metrics-rollup.yaml")
            let token = try await server.token("operator", tenant: nil)
            let asked = try await server.ask("POST", "/v2/jobs/metrics-rollup/run", token: token)
            let id = try #require(asked.json["run_id"] as? String, "\(asked)")
            #expect(asked.status == 202 && asked.header("Location") == "/v2/runs/\(id)", "\(asked)")
            let run = try await ended(server, id, token: token)
            #expect(run.json["state"] as? String == "succeeded" && run.json["trigger"] as? String == "api", "\(run)")
            let report = try #require(run.json["report"] as? [String: Any])
            #expect(report["run_id"] as? String == id && report["outcome"] as? String == "succeeded", "\(run)")
            let lines = try #require((run.json["log"] as? String)?.split(separator: "\n"))
            #expect(lines.count > 1 && lines.allSatisfy { $0.contains(id) }, "\(run)")
            let audit =
                "SELECT concat_ws(' ', action, actor, details ->> 'run_id', details ->> 'address') FROM cygni.audit_log WHERE subject = 'job:metrics-rollup'"
            #expect(try await server.text(audit) == "job.run user:operator@platform \(id) 127.0.0.1")
            // The job has its badge, for whoever has the address and nobody else.
            let jobs = try await server.get("/v2/jobs", token: token)
            let job = try #require(jobs.list.first { $0["job"] as? String == "metrics-rollup" })
            #expect(job["standing"] as? String == "fine", "\(jobs)")
            let recent = try #require(job["recent"] as? [[String: Any]])
            #expect(recent.count == 1 && recent[0]["id"] as? String == id && recent[0]["took"] is Double, "\(jobs)")
            let badge = try #require((job["badge"] as? String)?.replacing(ServedAPI.issuer, with: ""))
            let picture = try await server.get(badge)
            #expect(picture.status == 200 && picture.header("Content-Type") == "image/svg+xml", "\(picture)")
            #expect(picture.text.contains("<title>metrics-rollup: fine</title>"), "\(picture)")
            for wrong in ["\(badge.dropLast())", "\(badge.dropLast(22))\(String(repeating: "A", count: 22))"] {
                #expect(try await server.get(wrong).problem != nil, "\(wrong)")
            }
            #expect(try await server.get(badge.replacing("metrics-rollup", with: "log-archive")).status == 404)
        }
    }

    /// What cannot be run says why, and leaves no run behind.
    @Test func refusedRuns() async throws {
        try await withServer { server in
            let token = try await server.token("operator", tenant: nil)
            func refusal(_ job: String) async throws -> ServedAPI.Answer {
                try await server.ask("POST", "/v2/jobs/\(job)/run", token: token)
            }
            try server.folder.write("schedule: \"0 3 * * *\"\n", to: "jobs/metrics-rollup.yaml")
            try server.folder.write("schedule: null\n", to: "jobs/migrate.yaml")
            #expect(try await refusal("nothing").status == 404)
            let migrate = try await refusal("migrate")
            #expect(migrate.status == 409 && migrate.text.contains("cygni-migrate up"), "\(migrate)")
            // Another host is at it: it holds the job's lock, and its run stands in the ledger.
            let key = AdvisoryLockKey("cygni job metrics-rollup")
            let lock = try #require(try await AdvisoryLock.acquire(server.database.options(), key: key))
            let held = try await refusal("metrics-rollup")
            #expect(held.status == 409 && held.text.contains("status 75"), "\(held)")
            await lock.release()
            try server.folder.write("schedule: \"0 3 * * *\"\nseal_after: never\n", to: "jobs/metrics-rollup.yaml")
            let broken = try await refusal("metrics-rollup")
            #expect(broken.status == 409 && broken.problem == "conflict", "\(broken)")
            #expect(try await server.text("SELECT count(*) FROM cygni.job_runs") == "0")
        }
    }

    /// Fifty people press the button at once.
    @Test func oneOfManyStarts() async throws {
        try await withServer(pool: 16) { server in
            try server.folder.write("schedule: \"0 3 * * *\"\n", to: "jobs/metrics-rollup.yaml")
            let token = try await server.token("operator", tenant: nil)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<50 {
                    group.addTask { try await server.ask("POST", "/v2/jobs/metrics-rollup/run", token: token).status }
                }
                return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(
                statuses[202, default: 0] >= 1 && statuses.keys.allSatisfy { [202, 409].contains($0) },
                "\(statuses)"
            )
            let together = """
                SELECT count(*) FROM cygni.job_runs AS one JOIN cygni.job_runs AS other ON one.job = other.job
                    AND one.id < other.id AND one.started_at < other.finished_at AND other.started_at < one.finished_at
                """
            #expect(try await server.text(together) == "0")
            let started = try await server.text("SELECT count(*) FROM cygni.job_runs")
            #expect(started == "\(statuses[202, default: 0])")
        }
    }

    private func runningRow(_ server: ServedAPI) async throws -> String {
        try await server.owner(
            """
            INSERT INTO cygni.job_runs (id, job) VALUES (md5('watched')::uuid, 'log-archive');
            INSERT INTO cygni.run_logs (run_id, piece, lines) VALUES
                (md5('watched')::uuid, 1, E'{"message":"one"}\\n{"message":"two"}\\n');
            """
        )
        return try await server.text("SELECT md5('watched')::uuid")
    }

    @Test func watchedUntilItEnds() async throws {
        try await withServer { server in
            let id = try await runningRow(server)
            let token = try await server.token("operator", tenant: nil)
            async let watched = server.get("/v2/runs/\(id)/log", token: token)
            try await Task.sleep(for: .milliseconds(1500))
            try await server.owner(
                """
                INSERT INTO cygni.run_logs (run_id, piece, lines) VALUES (md5('watched')::uuid, 2, E'{"message":"three"}\\n');
                UPDATE cygni.job_runs SET state = 'failed', finished_at = now(), exit_status = 1;
                """
            )
            let answer = try await watched
            #expect(answer.status == 200 && answer.header("Content-Type") == "text/event-stream", "\(answer)")
            #expect(
                answer.text
                    == "retry: 2000\n\nid: 1\nevent: log\ndata: {\"message\":\"one\"}\ndata: {\"message\":\"two\"}\n\n"
                    + "id: 2\nevent: log\ndata: {\"message\":\"three\"}\n\n"
                    + "event: end\ndata: {\"state\":\"failed\",\"exit_status\":1}\n\n"
            )
            // Where a lost connection was it goes on.
            let again = try await server.ask(
                "GET",
                "/v2/runs/\(id)/log",
                token: token,
                headers: [("Last-Event-ID", "1")]
            )
            #expect(!again.text.contains("one") && again.text.contains("three"), "\(again)")
            #expect(try await server.get("/v2/runs/\(UUID().uuidString.lowercased())/log", token: token).status == 404)
        }
    }

    /// Whose credentials have ended meanwhile sees no more: everybody comes again after a while.
    @Test func nobodyWatchesForEver() async throws {
        try await withServer(settings: "limits: {watch: 1s}") { server in
            let id = try await runningRow(server)
            let token = try await server.token("operator", tenant: nil)
            let first = try await server.get("/v2/runs/\(id)/log", token: token)
            #expect(first.text.contains("one") && !first.text.contains("event: end"), "\(first)")
            let past = try await server.token("operator", tenant: nil, lifetime: -1)
            let headers = [(name: "Last-Event-ID", value: "1")]
            let refused = try await server.ask("GET", "/v2/runs/\(id)/log", token: past, headers: headers)
            #expect(refused.status == 401, "\(refused)")
        }
    }

    @Test func onlySoManyWatch() async throws {
        try await withServer(settings: "limits: {streams: 1}") { server in
            let id = try await runningRow(server)
            let token = try await server.token("operator", tenant: nil)
            // It is open once its head has come.
            let watched = try await server.client.send(
                HTTPRequest(
                    "GET",
                    "http://127.0.0.1:\(server.port)/v2/runs/\(id)/log",
                    headers: [("Authorization", "Bearer \(token)")]
                )
            )
            #expect(watched.status == 200)
            let refused = try await server.get("/v2/runs/\(id)/log", token: token)
            #expect(refused.problem == "busy", "\(refused)")
            try await server.owner("UPDATE cygni.job_runs SET state = 'succeeded', finished_at = now()")
            let text = String(decoding: try await watched.body.collect(), as: UTF8.self)
            #expect(text.contains("\"state\":\"succeeded\""), "\(text)")
            #expect(try await server.get("/v2/runs/\(id)/log", token: token).status == 200)
        }
    }

    /// A stream keeps no server from stopping, and a run that the server started goes on.
    @Test func stoppedWhileSomebodyWatches() async throws {
        try await withServer { server in
            let id = try await runningRow(server)
            let token = try await server.token("operator", tenant: nil)
            async let watched = server.get("/v2/runs/\(id)/log", token: token)
            try await Task.sleep(for: .milliseconds(500))
            server.process.signal(15)
            let answer = try await watched
            #expect(answer.text.contains("one") && !answer.text.contains("event: end"), "\(answer)")
            let ending = try await server.process.result(timeLimit: .seconds(30))
            #expect(ending.status == 0, "\(ending)")
        }
    }

    @Test func acknowledged() async throws {
        try await withServer { server in
            try await server.owner(
                """
                INSERT INTO cygni.job_fences (job) VALUES ('log-archive');
                INSERT INTO cygni.job_runs (id, job, state, started_at, finished_at, exit_status, error)
                SELECT md5('run ' || n)::uuid, 'log-archive', (ARRAY['succeeded', 'failed'])[n],
                    now() - (3 - n) * interval '1 hour', now() - (3 - n) * interval '1 hour', n - 1, NULL
                FROM generate_series(1, 2) AS n;
                """
            )
            let token = try await server.token("operator", tenant: nil)
            func acknowledge(_ name: String) async throws -> ServedAPI.Answer {
                let id = try await server.text("md5('\(name)')::uuid")
                return try await server.ask(
                    "POST",
                    "/v2/runs/\(id)/acknowledge",
                    token: token,
                    body: #"{"why": "disk replaced"}"#
                )
            }
            let before = try await server.get("/v2/jobs", token: token)
            #expect(before.list.first?["standing"] as? String == "failing", "\(before)")
            let first = try await acknowledge("run 2")
            #expect(
                first.json["new"] as? Bool == true && first.json["actor"] as? String == "user:operator@platform",
                "\(first)"
            )
            let second = try await acknowledge("run 2")
            #expect(second.json["new"] as? Bool == false && second.json["at"] as? String == first.json["at"] as? String)
            #expect(try await acknowledge("run 1").status == 409)
            #expect(try await acknowledge("none").status == 404)
            let after = try await server.get("/v2/jobs", token: token)
            #expect(after.list.first?["standing"] as? String == "fine", "\(after)")
            #expect((after.list.first?["acknowledged"] as? [String: String])?["why"] == "disk replaced", "\(after)")
            let audit =
                "SELECT string_agg(action || ' ' || (details ->> 'why'), ',') FROM cygni.audit_log WHERE subject LIKE 'run:%'"
            #expect(try await server.text(audit) == "run.acknowledge disk replaced")
        }
    }
}
