import CygniPostgres
import CygniTestSupport
import Foundation
import Testing

/// Log lines as one stream, across the border of the archive.
@Suite struct LogQueryTests {
    /// Lines of four days, some at one moment and some alike; the day before yesterday and the one before it are archived.
    private func fill(_ server: ServedAPI, archiving settings: String = "") async throws {
        try await server.owner(
            """
            SELECT cygni.ensure_partitions('log_lines', (now() AT TIME ZONE 'UTC')::date - 4, (now() AT TIME ZONE 'UTC')::date);
            INSERT INTO cygni.log_lines (ts, tenant_id, project_id, deployment_id, level, message, fields)
            SELECT now() - (n / 5) * interval '101 minutes', md5(t)::uuid, md5(t || ' web')::uuid, CASE n % 2 WHEN 0 THEN md5(t || ' 1')::uuid END,
                CASE n % 3 WHEN 0 THEN 'error' ELSE 'info' END, t || E' \\"line\\" \\n é ' || n / 2, jsonb_build_object('n', n / 2, 'x', 1.50)
            FROM generate_series(1, 250) AS n, unnest('{acme,bolt}'::text[]) AS t;
            """
        )
        try server.folder.write("spool: '\(server.folder.path)'\n\(settings)\n", to: "jobs/log-archive.yaml")
        let archived = try await server.tool([], "cygni-log-archive")
        #expect(archived.status == 0, "\(archived)")
    }

    /// Takes a day out of the table, as the purger does.
    private func detach(_ server: ServedAPI, daysAgo: Int) async throws {
        let leaf = try await server.text(
            "SELECT 'cygni.log_lines_p' || to_char(now() AT TIME ZONE 'UTC' - interval '\(daysAgo) days', 'YYYYMMDD') || '_default'"
        )
        // The counters of a session are told within seconds after its transaction.
        for attempt in 0..<100 {
            do {
                try await server.database.connect(role: "cygni_jobs").access { session in
                    try session.script(
                        "SELECT cygni.retention_detach('\(leaf)', gen_random_uuid(), interval '1 day', '{}')",
                        name: "detach"
                    )
                }
                return
            } catch {
                guard attempt < 99 else { throw error }
                try await Task.sleep(for: .milliseconds(200))
                _ = try await server.tool([], "cygni-log-archive")
            }
        }
    }

    private static let range: String = {
        let format = ISO8601DateFormatter()
        return
            "from=\(format.string(from: Date(timeIntervalSinceNow: -6 * 86_400)))&to=\(format.string(from: Date(timeIntervalSinceNow: 60)))"
    }()

    private func pages(
        _ server: ServedAPI,
        _ token: String,
        _ query: String = "limit=7",
        between: (Int) async throws -> Void = { _ in }
    ) async throws -> [String] {
        var lines: [String] = []
        var path: String? = "/v2/logs?\(Self.range)&\(query)"
        var number = 0
        while let next = path {
            let answer = try await server.get(next, token: token)
            try #require(answer.status == 200, "\(answer)")
            for item in answer.items {
                lines.append(
                    String(
                        decoding: try JSONSerialization.data(withJSONObject: item, options: .sortedKeys),
                        as: UTF8.self
                    )
                )
            }
            path = (answer.json["next_cursor"] as? String).map { "/v2/logs?\(Self.range)&\(query)&cursor=\($0)" }
            number += 1
            try #require(number < 200)
            try await between(number)
        }
        return lines
    }

    /// What one page has no time for is left for the next.
    @Test func aLargeArchivedDayWithOneMatch() async throws {
        try await withServer(settings: "limits: {time: 3s}") { server in
            try await server.owner(
                """
                SELECT cygni.ensure_partitions('log_lines', (now() AT TIME ZONE 'UTC')::date - 4, (now() AT TIME ZONE 'UTC')::date);
                INSERT INTO cygni.log_lines (ts, tenant_id, project_id, level, message)
                SELECT date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '2 days' - n * interval '1 second', md5('acme')::uuid,
                    md5('acme web')::uuid, CASE WHEN n > 39999 THEN 'error' ELSE 'info' END, repeat('x', 1000) || n
                FROM generate_series(1, 40000) AS n;
                """
            )
            try await fill(server)
            try await detach(server, daysAgo: 3)
            let found = try await pages(server, try await server.token("viewer"), "limit=100&level=error&text=xxx")
            #expect(found.count == 1 && found[0].contains("xxx40000"))
        }
    }

    @Test func oneStreamWhileADayMovesAndLinesComeIn() async throws {
        try await withServer { server in
            try await fill(server)
            let token = try await server.token("viewer")
            let writer = try await server.token("developer")
            let before = try await pages(server, token)
            #expect(before.count == 250)
            #expect(before.allSatisfy { $0.contains("acme") && !$0.contains("bolt") })
            let one = try await pages(server, token, "limit=1000")
            #expect(one == before)
            let project = try await server.text("md5('acme web')::uuid")
            let across = try await pages(server, token) { number in
                if number == 2 { try await detach(server, daysAgo: 3) }
                if number == 10 { try await detach(server, daysAgo: 2) }
                let line = #"{"project_id": "\#(project)", "message": "new \#(number)"}"#
                _ = try await server.ask("POST", "/v2/logs", token: writer, body: line, headers: [IngestTests.ndjson])
            }
            #expect(across == before, "no line was lost or came twice")
            #expect(
                try await server.text("SELECT count(*) FROM cygni.log_lines WHERE tenant_id = md5('bolt')::uuid")
                    != "250"
            )
            let after = try await pages(server, token)
            #expect(after.count > 250 && Array(after.suffix(250)) == before)
            let theirs = try await pages(server, try await server.token("viewer", tenant: "bolt"))
            #expect(theirs.count == 250 && theirs.allSatisfy { $0.contains("bolt") && !$0.contains("acme") })
            // Filters mean the same on both sides.
            let deployment = try await server.text("md5('acme 1')::uuid")
            let filters = [
                ("level=error", { (line: String) in line.contains(#""level":"error""#) }),
                ("text=%20%C3%A9%2012", { $0.contains(" é 12") }),
                ("deployment=\(deployment)", { $0.contains(deployment) }),
                ("text=%22n%22:%2077,", { $0.contains(#""n":77"#) }),
                ("project=00000000-0000-4000-8000-000000000000", { _ in false }),
                ("text=a%00b".replacing("%00", with: "zz"), { _ in false }),
            ]
            for (query, matches) in filters {
                #expect(try await pages(server, token, "limit=50&\(query)") == after.filter(matches), "\(query)")
            }
        }
    }

    /// A plan's shorter time takes some rows of a partition and leaves the others: then lines are in both places, or in one.
    @Test func aDayThatWasTakenInPartIsWhole() async throws {
        try await withServer { server in
            try await fill(server)
            let token = try await server.token("viewer")
            let before = try await pages(server, token)
            let leaf = try await server.text(
                "SELECT 'log_lines_p' || to_char(now() AT TIME ZONE 'UTC' - interval '3 days', 'YYYYMMDD') || '_default'"
            )
            try await server.owner(
                """
                DELETE FROM cygni.\(leaf) WHERE level = 'error';
                INSERT INTO cygni.purges (run_id, policy, source, item, weapon, actor) VALUES (gen_random_uuid(), '{}', 'log_lines', '\(leaf)', 'delete', 'test');
                """
            )
            let gone = try await server.text(
                "SELECT 250 - count(*) FROM cygni.log_lines WHERE tenant_id = md5('acme')::uuid"
            )
            #expect(Int(gone).map { $0 > 5 } == true, "\(gone)")
            #expect(try await pages(server, token) == before)
        }
    }

    @Test func anArchiveThatCannotBeReadIsAProblem() async throws {
        try await withServer { server in
            try await fill(server)
            try await detach(server, daysAgo: 3)
            let token = try await server.token("viewer")
            let whole = try await pages(server, token)
            #expect(whole.count == 250)
            let key = try await server.text(
                "SELECT object_key FROM cygni.archives WHERE source = 'log_lines_p' || to_char(now() AT TIME ZONE 'UTC' - interval '3 days', 'YYYYMMDD') AND part = 0"
            )
            let file = URL(filePath: server.folder.file(key))
            let good = try Data(contentsOf: file)
            func problem() async throws -> ServedAPI.Answer {
                try await server.get("/v2/logs?\(Self.range)&limit=1000", token: token)
            }
            var bad = good
            bad[bad.count / 2] ^= 1
            try bad.write(to: file)
            let damaged = try await problem()
            #expect(
                damaged.status == 503 && damaged.problem == "archive-unreadable" && damaged.text.contains("damaged"),
                "\(damaged)"
            )
            try FileManager.default.removeItem(at: file)
            let missing = try await problem()
            #expect(missing.status == 503 && missing.text.contains("missing"), "\(missing)")
            #expect(!missing.text.contains(key), "where it lies is no tenant's affair")
            // What needs none of it is answered.
            #expect(try await server.get("/v2/logs", token: token).status == 200)
            try good.write(to: file)
            #expect(try await problem().items.count == 250)
        }
    }

    @Test func aSealedArchiveNeedsItsKey() async throws {
        try await withServer { server in
            let openssl = BuiltExecutable(path: "/usr/bin/openssl")
            let made = try await openssl.run([
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "10", "-subj", "/CN=archive", "-keyout",
                server.folder.file("archive.key"), "-out", server.folder.file("archive.pem"),
            ])
            #expect(made.status == 0, "\(made)")
            let recipients = "encryption: {recipients: ['\(server.folder.file("archive.pem"))']"
            try await fill(server, archiving: "\(recipients)}")
            try await detach(server, daysAgo: 3)
            let token = try await server.token("viewer")
            let sealed = try await server.get("/v2/logs?\(Self.range)&limit=1000", token: token)
            #expect(sealed.status == 503 && sealed.text.contains("sealed"), "\(sealed)")
            try server.folder.write(
                "spool: '\(server.folder.path)'\n\(recipients), key: {file: '\(server.folder.file("archive.key"))'}}\n",
                to: "jobs/log-archive.yaml"
            )
            let opened = try await server.get("/v2/logs?\(Self.range)&limit=1000", token: token)
            #expect(opened.status == 200 && opened.items.count == 250, "\(opened)")
        }
    }
}
