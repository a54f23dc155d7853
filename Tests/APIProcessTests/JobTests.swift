import CygniTestSupport
import Foundation
import Testing

/// What those who run the platform see of jobs, and do with them.
@Suite struct JobTests {
    private func rows(_ server: ServedAPI) async throws {
        try server.folder.write("schedule: \"0 3 * * *\"\n", to: "jobs/log-archive.yaml")
        try await server.owner(
            """
            INSERT INTO cygni.job_fences (job, fence) VALUES ('log-archive', 3), ('dns-verify', 1);
            INSERT INTO cygni.job_runs (id, job, state, host, slot, started_at, finished_at, exit_status, error, counts)
            SELECT md5('run ' || n)::uuid, 'log-archive', CASE n WHEN 1 THEN 'failed' ELSE 'succeeded' END, 'web1',
                date_trunc('day', now()) - n * interval '1 day' + interval '3 hours', now() - n * interval '1 day',
                now() - n * interval '1 day' + n * interval '10 seconds', CASE n WHEN 1 THEN 1 ELSE 0 END,
                CASE n WHEN 1 THEN 'disk full' END, '{"archived_rows": 7}'
            FROM generate_series(1, 30) AS n;
            INSERT INTO cygni.job_slots (job, slot, schedule, start_by, finish_by) VALUES
                ('log-archive', now() - interval '2 hours', 'x', now() - interval '1 hour', now()),
                ('log-archive', now() + interval '1 hour', 'x', now() + interval '2 hours', now() + interval '3 hours');
            """
        )
    }

    @Test func howJobsStand() async throws {
        try await withServer { server in
            try await rows(server)
            let token = try await server.token("operator", tenant: nil)
            let jobs = try await server.get("/v2/jobs", token: token)
            let job = try #require(jobs.list.first { $0["job"] as? String == "log-archive" })
            #expect(job["state"] as? String == "failed" && job["error"] as? String == "disk full", "\(jobs)")
            #expect((job["late_by"] as? Double ?? 0) > 7000 && job["next_slot"] is String, "\(jobs)")
            #expect(job["p50"] as? Double == 155 && (job["p95"] as? Double ?? 0) > 280, "\(jobs)")
            let quiet = try #require(jobs.list.first { $0["job"] as? String == "dns-verify" })
            #expect(quiet["run_id"] is NSNull && quiet["late_by"] is NSNull, "\(jobs)")
        }
    }

    @Test func runsAreFilteredAndPaged() async throws {
        try await withServer { server in
            try await rows(server)
            let token = try await server.token("operator", tenant: nil)
            let failed = try await server.get("/v2/runs?job=log-archive&state=failed&host=web1", token: token)
            #expect(failed.items.count == 1 && failed.json["next_cursor"] is NSNull, "\(failed)")
            let first = try await server.get("/v2/runs?limit=12", token: token)
            let cursor = try #require(first.json["next_cursor"] as? String)
            let second = try await server.get("/v2/runs?limit=100&cursor=\(cursor)", token: token)
            #expect(first.items.count == 12 && second.items.count == 18)
            let id = try #require(failed.items.first?["id"] as? String)
            let one = try await server.get("/v2/runs/\(id)", token: token)
            #expect(
                (one.json["counts"] as? [String: Int]) == ["archived_rows": 7] && one.json["exit_status"] as? Int == 1
            )
            let slots = try await server.get("/v2/expectations?state=never%20started", token: token)
            #expect(slots.list.count == 1 && slots.list.first?["run_id"] is NSNull, "\(slots)")
        }
    }

    @Test func pausedWhyAndResumed() async throws {
        try await withServer { server in
            try server.folder.write("schedule: \"* * * * *\"\n", to: "jobs/log-archive.yaml")
            let token = try await server.token("operator", tenant: nil)
            let body = #"{"why": "disk of db1 is full", "minutes": 60}"#
            let paused = try await server.ask("POST", "/v2/jobs/log-archive/pause", token: token, body: body)
            #expect(paused.json["new"] as? Bool == true && paused.json["until"] is String, "\(paused)")
            let again = try await server.ask("POST", "/v2/jobs/log-archive/pause", token: token, body: body)
            #expect(
                again.json["new"] as? Bool == false && again.json["since"] as? String == paused.json["since"] as? String
            )
            let why = try await server.get("/v2/jobs/log-archive/why", token: token)
            #expect(why.json["answer"] as? String == "paused", "\(why)")
            #expect((why.json["words"] as? String)?.contains("disk of db1 is full") == true, "\(why)")
            // The tool tells the same.
            let told = try await server.tool(["why", "log-archive", "--output", "json"])
            #expect(told.standardOutput.contains("\"answer\":\"paused\""), "\(told)")
            let resumed = try await server.ask("POST", "/v2/jobs/log-archive/resume", token: token)
            #expect(resumed.json["why"] as? String == "disk of db1 is full", "\(resumed)")
            let twice = try await server.ask("POST", "/v2/jobs/log-archive/resume", token: token)
            #expect(twice.status == 200 && twice.text == "null", "\(twice)")
            let audit =
                "SELECT string_agg(action || ' ' || actor || ' ' || (details ->> 'address'), ', ' ORDER BY id) FROM cygni.audit_log WHERE subject = 'job:log-archive'"
            #expect(
                try await server.text(audit)
                    == "job.pause user:operator@platform 127.0.0.1, job.resume user:operator@platform 127.0.0.1"
            )
            #expect(try await server.ask("POST", "/v2/jobs/nothing/pause", token: token, body: body).status == 404)
            #expect(try await server.get("/v2/jobs/log-archive/why?at=yesterday", token: token).status == 400)
            // A broken file is told, and stops nothing else.
            try server.folder.write("schedule: sometimes\n", to: "jobs/log-archive.yaml")
            let broken = try await server.get("/v2/jobs/log-archive/why", token: token)
            #expect(broken.status == 409 && broken.text.contains("cygni config check"), "\(broken)")
            #expect(try await server.get("/v2/jobs", token: token).status == 200)
        }
    }
}
