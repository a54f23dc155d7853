import CygniTestSupport
import Foundation
import Glibc
import Testing

/// The page in a real browser, Debian's chromium, as an operator uses it.
@Suite(.serialized) struct BrowserTests {
    private func prepare(_ server: ServedAPI) async throws {
        for job in ["log-archive", "metrics-rollup"] {
            try server.folder.write("schedule: \"0 3 * * *\"\n", to: "jobs/\(job).yaml")
        }
        try await server.owner(
            """
            INSERT INTO cygni.job_fences (job, fence) VALUES ('log-archive', 3), ('metrics-rollup', 1);
            INSERT INTO cygni.job_runs (id, job, state, host, started_at, finished_at, exit_status, error) VALUES
                (md5('run')::uuid, 'log-archive', 'failed', 'web1', now() - interval '1 hour', now() - interval '59 minutes', 1, 'disk full');
            INSERT INTO cygni.job_runs (job, state, host, started_at, finished_at, exit_status)
                SELECT 'metrics-rollup', 'succeeded', 'web1', now() - n * interval '1 hour', now() - n * interval '1 hour' + n * interval '1 second', 0
                FROM generate_series(2, 20) AS n;
            INSERT INTO cygni.domain_checks (tenant_id, domain_id, name, at, state, reason, fix)
                SELECT tenant_id, id, name, now(), state, 'target_missing', 'add CNAME ' || name || ' to edge.example.test' FROM cygni.domains;
            UPDATE cygni.certificates SET state = 'served', not_before = now() - interval '60 days', not_after = now() + interval '30 days';
            """
        )
    }

    private func walk(_ name: String, _ server: ServedAPI, _ more: [String] = []) async throws {
        let python = try #require(getenv("CYGNI_PYTHON").map { String(cString: $0) }, "make test sets CYGNI_PYTHON")
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Peers/page_browser.py").path
        let link = try #require(try await PageVisitor.link(server).split(separator: "#").last)
        let result = try await BuiltExecutable(path: python).run(
            [script, "http://127.0.0.1:\(server.port)", name, String(link)] + more,
            folder: server.folder.path,
            timeLimit: .seconds(240)
        )
        #expect(result.status == 0 && result.standardOutput.contains("ok \(name)"), "\(result)")
    }

    @Test func aTour() async throws {
        try await withServer { server in
            try await prepare(server)
            try await walk("tour", server, [try await server.text("md5('run')::uuid")])
            let audit =
                "SELECT string_agg(action, ' ' ORDER BY id) FROM cygni.audit_log WHERE actor = 'user:anna@example.test'"
            #expect(
                try await server.text(audit)
                    == "page.sign-in run.acknowledge job.pause job.resume job.run page.sign-out"
            )
        }
    }

    @Test(arguments: ["plain", "keyboard", "looks"])
    func walks(name: String) async throws {
        try await withServer { server in
            try await prepare(server)
            try await walk(name, server)
        }
    }

    @Test func newsComeByThemselves() async throws {
        try await withServer { server in
            try await prepare(server)
            let tool = try BuiltExecutable("cygni").path
            let settings = server.folder.file("cygni.yaml")
            try await walk(
                "live",
                server,
                ["CYGNI_CONFIG=\(settings) \(tool) pause log-archive --why 'paused from elsewhere' >/dev/null"]
            )
        }
    }
}
