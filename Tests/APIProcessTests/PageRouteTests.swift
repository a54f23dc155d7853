import CygniTestSupport
import Foundation
import Testing

/// What every page has, and every wrong request for one gets.
@Suite struct PageRouteTests {
    private func rows(_ server: ServedAPI, hostile: String = "plain") async throws {
        try server.folder.write("schedule: \"0 3 * * *\"\n", to: "jobs/log-archive.yaml")
        let text = hostile.replacing("'", with: "''")
        try await server.owner(
            """
            INSERT INTO cygni.job_fences (job, fence) VALUES ('log-archive', 3), ('cert-renew on web1', 1);
            INSERT INTO cygni.job_runs (id, job, state, host, started_at, finished_at, exit_status, error, counts) VALUES
                (md5('run')::uuid, 'log-archive', 'failed', '\(text)', now() - interval '1 hour', now(), 1, '\(text)', jsonb_build_object('\(text)', 7));
            INSERT INTO cygni.run_logs (run_id, piece, lines) VALUES
                (md5('run')::uuid, 1, jsonb_build_object('time', '2026-11-26T20:00:00.000Z', 'level', '\(text)', 'message', '\(text)')::text || E'\\n');
            INSERT INTO cygni.run_reports (run_id, report) VALUES (md5('run')::uuid, jsonb_build_object('outcome', '\(text)')::json);
            UPDATE cygni.deployments SET branch = '\(text)';
            INSERT INTO cygni.domain_checks (tenant_id, domain_id, name, at, state, reason, fix)
                SELECT tenant_id, id, name, now(), state, 'target_missing', '\(text)' FROM cygni.domains;
            UPDATE cygni.certificates SET issuer = '\(text)', failures = 2, problem = jsonb_build_object('detail', '\(text)');
            INSERT INTO cygni.legal_holds (tenant_id, source, reason) VALUES (md5('acme')::uuid, 'log_lines', '\(text)');
            SELECT cygni.audit_append(NULL, '\(text)', '\(text)', '\(text)');
            """
        )
    }

    private static let pages = [
        "/", "/jobs", "/jobs/log-archive", "/runs", "/domains", "/certificates", "/storage", "/previews", "/audit",
    ]

    private func run(_ server: ServedAPI) async throws -> String {
        "/runs/\(try await server.text("md5('run')::uuid"))"
    }

    @Test func nobodySeesAPageWithoutASession() async throws {
        try await withServer { server in
            for route in PageRoutes.needingPermission {
                let visitor = PageVisitor(server)
                visitor.cookies["cygni"] = "cys_" + String(repeating: "A", count: 43)
                let answer =
                    route.method == "GET"
                    ? try await visitor.get(route.path) : try await visitor.send(route.path, code: "x")
                #expect(
                    answer.status == 303 && answer.header("Location")?.hasPrefix("/sign-in") == true,
                    "\(route): \(answer)"
                )
            }
            // A token of the API is no session, and a session no token.
            let token = try await server.token("operator", tenant: nil)
            #expect(try await server.get("/jobs", token: token).status == 303)
            let visitor = PageVisitor(server)
            try await visitor.signIn()
            #expect(try await visitor.get("/v2/jobs").status == 401)
        }
    }

    @Test func everyPageShowsItself() async throws {
        try await withServer { server in
            try await rows(server)
            let visitor = PageVisitor(server)
            try await visitor.signIn()
            for path in Self.pages + [try await run(server), "/sign-in"] {
                let page = try await visitor.get(path)
                #expect(page.status == (path == "/sign-in" ? 303 : 200), "\(path): \(page)")
                try held(page, path)
                if page.status == 200 {
                    #expect(page.text.hasSuffix("</html>\n") && page.text.contains("<h1"), "\(path): \(page)")
                    #expect(page.header("Content-Type") == "text/html; charset=utf-8")
                    #expect(page.header("Cache-Control") == "no-store", "\(path)")
                }
            }
            #expect(try await visitor.get("/").text.contains("<title>2 failing · Cygni</title>"))
            // A job that hosts share goes by its name.
            let jobs = try await visitor.get("/jobs").text
            #expect(jobs.contains(">cert-renew<") && !jobs.contains("on web1"))
        }
    }

    private func held(_ answer: ServedAPI.Answer, _ what: String) throws {
        let policy = try #require(answer.header("Content-Security-Policy"), "\(what)")
        for part in [
            "default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self'", "connect-src 'self'",
            "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
        ] { #expect(policy.contains(part), "\(what)") }
        #expect(!policy.contains("unsafe"), "\(what)")
        #expect(
            answer.header("X-Content-Type-Options") == "nosniff" && answer.header("Referrer-Policy") == "same-origin"
        )
        #expect(answer.header("X-Request-Id")?.isEmpty == false, "\(what)")
    }

    /// Whoever writes an error, a branch or a record does not write the page.
    @Test func whatIsHostileStaysText() async throws {
        try await withServer { server in
            let hostile = "<img src=x onerror=alert(1)>'\"--></script>{{formCode}}"
            try await rows(server, hostile: hostile)
            let visitor = PageVisitor(server)
            try await visitor.signIn()
            for path in Self.pages + [try await run(server)] {
                let page = try await visitor.get(path)
                #expect(page.status == 200 && !page.text.contains("<img src=x"), "\(path): \(page)")
                #expect(!page.text.contains("--></script>"), "\(path)")
            }
            #expect(try await visitor.get(run(server)).text.contains("&lt;img src=x onerror=alert(1)&gt;"))
        }
    }

    @Test func whatIsWrongIsAPage() async throws {
        try await withServer { server in
            let visitor = PageVisitor(server)
            try await visitor.signIn()
            let code = try await visitor.code(on: "/")
            let wrong = [
                (try await visitor.get("/runs/00000000-0000-4000-8000-000000000000"), 404),
                (try await visitor.get("/runs/not-a-uuid"), 404), (try await visitor.get("/runs/%00"), 404),
                (try await visitor.get("/jobs/nothing"), 404), (try await visitor.get("/jobs/%27%3B"), 404),
                (try await visitor.get("/runs?after=x"), 400), (try await visitor.get("/audit?after=AAAA"), 400),
                (try await visitor.get("/nothing", headers: [("Accept", "text/html")]), 404),
                (try await visitor.get("/sign-out"), 405), (try await visitor.send("/jobs", code: code), 405),
                (try await visitor.send("/jobs/nothing/run", code: code), 404),
                (try await visitor.get("/assets/nothing"), 404),
            ]
            for (answer, status) in wrong {
                #expect(answer.status == status && answer.text.hasPrefix("<!doctype html>"), "\(status): \(answer)")
                #expect(answer.text.contains(answer.header("X-Request-Id") ?? "?"), "\(answer)")
                try held(answer, "\(status)")
            }
            // What is the API's stays a problem of the API's.
            let problem = try await visitor.get("/v2/nothing", headers: [("Accept", "text/html")])
            #expect(problem.status == 404 && problem.problem == "not-found")
            #expect(try await server.get("/nothing").problem == "not-found")
            // A filter that means nothing is none.
            #expect(try await visitor.get("/runs?state=bogus&job=%00").status == 200)
        }
    }

    @Test func staticPartsAreKept() async throws {
        try await withServer { server in
            let page = try await server.get("/sign-in").text
            for match in page.matches(of: /(?:href|src)="(\/assets\/[^"]*)"/) {
                let path = String(match.output.1)
                let asset = try await server.get(path)
                #expect(asset.status == 200 && !asset.bytes.isEmpty, "\(path)")
                #expect(asset.header("Cache-Control") == "public, max-age=31536000, immutable", "\(path)")
                let tag = try #require(asset.header("ETag"))
                #expect(try await server.ask("GET", path, headers: [("If-None-Match", tag)]).status == 304)
                let old = try await server.get(path.replacing(/v=.*/, with: "v=old"))
                #expect(old.status == 200 && old.header("Cache-Control") == "public, no-cache")
            }
        }
    }

    @Test func pagesOfAListFollowOneAnother() async throws {
        try await withServer { server in
            try await server.owner(
                """
                INSERT INTO cygni.job_runs (job, state, host, started_at, finished_at, exit_status)
                    SELECT 'log-archive', 'succeeded', 'h' || n, now() - n / 3 * interval '1 minute', now(), 0 FROM generate_series(1, 120) AS n;
                INSERT INTO cygni.domains (tenant_id, project_id, name) SELECT md5('acme')::uuid, md5('acme web')::uuid, 'd' || n || '.test'
                    FROM generate_series(1, 120) AS n;
                INSERT INTO cygni.deployments (tenant_id, project_id, kind, branch, created_at)
                    SELECT md5('acme')::uuid, md5('acme web')::uuid, 'preview', 'b' || n || '.', '2026-11-01' FROM generate_series(1, 120) AS n;
                INSERT INTO cygni.certificates (tenant_id, domain_names) SELECT md5('acme')::uuid, ARRAY['c' || n || '.test']
                    FROM generate_series(1, 120) AS n;
                SELECT cygni.audit_append(NULL, 'user:a', 'test', 'e' || n || '.') FROM generate_series(1, 120) AS n;
                """
            )
            let visitor = PageVisitor(server)
            try await visitor.signIn()
            for (list, item) in [
                ("/runs?job=log-archive", #">h(\d+)<"#), ("/domains?name=d", #">d(\d+)\.test<"#),
                ("/previews", #">b(\d+)\.<"#),
                ("/certificates", #">c(\d+)\.test<"#), ("/audit?actor=user%3Aa", #">e(\d+)\.<"#),
            ] {
                var (path, seen, pages) = (Optional(list), [String](), 0)
                while let next = path {
                    let page = try await visitor.get(next)
                    #expect(page.status == 200, "\(next): \(page)")
                    let regex = try Regex(item, as: (Substring, Substring).self)
                    seen += page.text.matches(of: regex).map { String($0.output.1) }
                    let link = page.text.firstMatch(of: /rel="next" href="([^"]*)"/)
                    path = link.map { String($0.output.1.replacing("&amp;", with: "&")) }
                    pages += 1
                }
                #expect(pages == 3 && seen.count == 120 && Set(seen).count == 120, "\(list): \(pages) \(seen.count)")
            }
            // Another list's cursor is none.
            let next = try #require(try await visitor.get("/audit").text.firstMatch(of: /after=([^"]*)"/)?.output.1)
            #expect(try await visitor.get("/runs?after=\(next)").status == 400)
            #expect(try await visitor.get("/audit?action=test&after=\(next)").status == 400)
        }
    }

    /// The style sheet, and a page that says so, are there without a database.
    @Test func withoutADatabaseAPageSaysSo() async throws {
        let cluster = try await TestCluster.start()
        let server = try await ServedAPI(cluster.makeDatabase(.served))
        defer { server.process.signal(9) }
        let visitor = PageVisitor(server)
        try await visitor.signIn()
        let code = try await visitor.code(on: "/")
        try await cluster.stop(immediate: true)
        for answer in [
            try await visitor.get("/"), try await visitor.send("/jobs/log-archive/pause", ["why": "x"], code: code),
        ] {
            #expect(answer.status == 503 && answer.text.contains("database"), "\(answer)")
            #expect(answer.text.hasPrefix("<!doctype html>") && answer.header("Retry-After") == "1", "\(answer)")
            try held(answer, "503")
        }
        let page = try await visitor.get("/").text
        let style = try #require(page.firstMatch(of: /href="(\/assets\/page.css[^"]*)"/)?.output.1)
        #expect(try await server.get(String(style)).status == 200)
    }
}
