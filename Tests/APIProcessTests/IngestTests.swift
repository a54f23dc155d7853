import CygniTestSupport
import Foundation
import Testing

/// Metrics and logs on their way in, over the served API.
@Suite struct IngestTests {
    static let lines = "/v2/logs"
    static let ndjson = (name: "Content-Type", value: "application/x-ndjson")
    static let plain = (name: "Content-Type", value: "text/plain; version=0.0.4")

    private func project(_ server: ServedAPI, of tenant: String = "acme") async throws -> String {
        try await server.text("md5('\(tenant) web')::uuid")
    }

    @Test func whatIsAcknowledgedIsThere() async throws {
        try await withServer { server in
            let token = try await server.token("developer")
            let project = try await project(server)
            let deployment = try await server.text("md5('acme 1')::uuid")
            let body = """
                {"project_id": "\(project)", "deployment_id": "\(deployment)", "level": "warn", "message": "a \\"b\\" \\u00fc \\ud83d\\ude00\\n", "fields": {"n": 1.50, "k": ["x", null]}}

                {"project_id":"\(project)","message":"second"}
                """
            let answer = try await server.ask("POST", Self.lines, token: token, body: body, headers: [Self.ndjson])
            #expect(answer.status == 200 && answer.json["accepted"] as? Int == 2, "\(answer)")
            let row = try await server.text(
                "SELECT concat_ws('|', tenant_id = md5('acme')::uuid, project_id, deployment_id, level, message, fields, retention_class) FROM cygni.log_lines WHERE level = 'warn'"
            )
            #expect(
                row == #"t|\#(project)|\#(deployment)|warn|a "b" ü 😀"# + "\n"
                    + #"|{"k": ["x", null], "n": 1.50}|standard"#
            )
            // Without a time it is now, and the order stays.
            let order = try await server.text(
                "SELECT string_agg(left(message, 6), ',' ORDER BY ts) || bool_and(ts BETWEEN now() - interval '1 minute' AND now() + interval '1 second')::text FROM cygni.log_lines"
            )
            #expect(order == "a \"b\" ,secondtrue", "\(order)")
        }
    }

    @Test(arguments: ["gzip", "zstd"])
    func packed(_ coding: String) async throws {
        try await withServer { server in
            let token = try await server.token("developer")
            let project = try await project(server)
            let lines = (0..<1000).map { #"{"project_id": "\#(project)", "message": "line \#($0)"}"# }
            let file = server.folder.file("lines")
            try server.folder.write(lines.joined(separator: "\n"), to: "lines")
            let tool = BuiltExecutable(path: "/usr/bin/\(coding)")
            let packing = try await tool.run(coding == "gzip" ? ["-k", file] : ["-q", file])
            #expect(packing.status == 0, "\(packing)")
            let bytes = try [UInt8](Data(contentsOf: URL(filePath: "\(file).\(coding == "gzip" ? "gz" : "zst")")))
            let answer = try await server.send(
                "POST",
                Self.lines,
                token,
                bytes,
                [Self.ndjson, ("Content-Encoding", coding)]
            )
            #expect(answer.status == 200, "\(answer)")
            #expect(try await server.text("SELECT count(DISTINCT message) FROM cygni.log_lines") == "1000")
            let half = try await server.send(
                "POST",
                Self.lines,
                token,
                Array(bytes.prefix(bytes.count / 2)),
                [Self.ndjson, ("Content-Encoding", coding)]
            )
            #expect(half.status == 400 && half.problem == "malformed-body", "\(half)")
        }
    }

    @Test func aWrongLineIsNamedAndNothingIsTaken() async throws {
        try await withServer { server in
            let token = try await server.token("developer")
            let project = try await project(server)
            let bolt = try await self.project(server, of: "bolt")
            let stranger = try await server.text("md5('bolt 1')::uuid")
            let good = #"{"project_id": "\#(project)"}"#
            func line(_ rest: String) -> String { #"{"project_id": "\#(project)", \#(rest)}"# }
            let wrong: [(String, String)] = [
                ("nonsense", "/1"), ("{}", "/1/project_id"), ("[]", "/1"), (line(#""x": 1"#), "/1"),
                (line(#""message": 1"#), "/1/message"), (line(#""message": "\u0000""#), "/1"),
                (line(#""message": "\ud800""#), "/1"), (line(#""fields": {"a": 1e999}"#), "/1"),
                (line(#""fields": {"a\u0000": 1}"#), "/1"), (line(#""fields": []"#), "/1/fields"),
                (line(#""level": """#), "/1/level"),
                (line(#""level": "\#(String(repeating: "x", count: 33))""#), "/1/level"),
                (line(#""ts": "yesterday""#), "/1/ts"), (line(#""ts": "2026-11-01""#), "/1/ts"),
                (line(#""ts": "1999-01-01T00:00:00Z""#), "/1/ts"), (line(#""ts": "2999-01-01T00:00:00Z""#), "/1/ts"),
                (line(#""message": "\#(String(repeating: "x", count: 65_537))""#), "/1/message"),
                (#"{"project_id": "\#(bolt)"}"#, "/1/project_id"),
                (line(#""deployment_id": "\#(stranger)""#), "/1/deployment_id"),
                (String(repeating: #"{"a":"#, count: 200) + "1" + String(repeating: "}", count: 200), "/1"),
            ]
            for (text, place) in wrong {
                let body = "\(good)\n\(text)\n\(good)"
                let answer = try await server.ask("POST", Self.lines, token: token, body: body, headers: [Self.ndjson])
                let errors = answer.json["errors"] as? [[String: String]]
                #expect(answer.status == 400 && answer.problem == "invalid-request", "\(text.prefix(80)): \(answer)")
                #expect(errors?.first?["pointer"] == place, "\(text.prefix(80)): \(answer)")
            }
            let bytes = Array("\(good)\n".utf8) + [0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]
            #expect(try await server.send("POST", Self.lines, token, bytes, [Self.ndjson]).status == 400)
            let many = String(repeating: good + "\n", count: 10_001)
            let tooMany = try await server.ask("POST", Self.lines, token: token, body: many, headers: [Self.ndjson])
            #expect(tooMany.status == 400 && tooMany.text.contains("/10000"), "\(tooMany)")
            #expect(try await server.text("SELECT count(*) FROM cygni.log_lines") == "0")
            let empty = try await server.ask("POST", Self.lines, token: token, body: "\n\n", headers: [Self.ndjson])
            #expect(empty.status == 200 && empty.json["accepted"] as? Int == 0, "\(empty)")
        }
    }

    @Test func samplesInBothFormats() async throws {
        try await withServer { server in
            let token = try await server.token("developer")
            let project = try await project(server)
            let now = Int(Date().timeIntervalSince1970 * 1000)
            let text = """
                # HELP http_requests_total Requests.
                # TYPE http_requests_total counter
                http_requests_total{method="post",code="200"} 1027 \(now)
                http_requests_total{code="200", method="post",} 1028 \(now)
                temperature -2.5e1
                summary{quantile="0.5"} NaN

                """
            let path = "/v2/metrics?project=\(project)"
            let answer = try await server.ask("POST", path, token: token, body: text, headers: [Self.plain])
            #expect(answer.status == 200 && answer.json["accepted"] as? Int == 4, "\(answer)")
            let json =
                #"{"samples": [{"metric": "cpu", "value": 0.25}, {"metric": "cpu", "value": 1, "project_id": "\#(project)"}]}"#
            let second = try await server.ask("POST", path, token: token, body: json)
            #expect(second.status == 200 && second.json["accepted"] as? Int == 2, "\(second)")
            let rows = try await server.text(
                "SELECT string_agg(metric || ' ' || value, '; ' ORDER BY metric, value) FROM cygni.metric_samples WHERE tenant_id = md5('acme')::uuid"
            )
            #expect(
                rows == #"cpu 0.25; cpu 1; http_requests_total{code="200",method="post"} 1027; "#
                    + #"http_requests_total{code="200",method="post"} 1028; summary{quantile="0.5"} NaN; temperature -25"#
            )
            for (body, place) in [
                (#"{"samples": [{"metric": "a", "value": 1e999}]}"#, "malformed-body"),
                (#"{"samples": [{"metric": "", "value": 1}]}"#, "metric"),
                (#"{"samples": [{"metric": "a", "value": "1"}]}"#, "value"),
                (#"{"samples": [{"value": 1}]}"#, "metric"),
                (#"{"samples": [{"metric": "a", "value": 1, "ts": "2999-01-01T00:00:00Z"}]}"#, "ts"),
            ] {
                let refused = try await server.ask("POST", path, token: token, body: body)
                #expect(refused.status == 400 && refused.text.contains(place), "\(body): \(refused)")
            }
            let wrong = try await server.ask(
                "POST",
                path,
                token: token,
                body: "a 1\nb{c=\"d\" 2\n",
                headers: [Self.plain]
            )
            #expect(wrong.status == 400 && wrong.text.contains("line 2"), "\(wrong)")
            let nobodys = try await server.ask("POST", "/v2/metrics", token: token, body: "a 1", headers: [Self.plain])
            #expect(nobodys.status == 400 && nobodys.text.contains("query/project"), "\(nobodys)")
        }
    }

    /// A retry after an answer that got lost.
    @Test func aRequestWithAKeyIsThereOnce() async throws {
        try await withServer(pool: 8) { server in
            let token = try await server.token("developer")
            let body = #"{"project_id": "\#(try await project(server))", "message": "once"}"#
            let headers = [Self.ndjson, (name: "Idempotency-Key", value: "batch-7")]
            let answers = try await withThrowingTaskGroup(of: ServedAPI.Answer.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await server.ask("POST", Self.lines, token: token, body: body, headers: headers)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(answers.map(\.status)).isSubset(of: [200, 409]), "\(answers.map(\.status))")
            #expect(answers.count { $0.status == 200 && $0.header("Idempotency-Replayed") == nil } == 1)
            #expect(try await server.text("SELECT count(*) FROM cygni.log_lines") == "1")
            let again = try await server.ask("POST", Self.lines, token: token, body: body, headers: headers)
            #expect(again.header("Idempotency-Replayed") == "true" && again.json["accepted"] as? Int == 1, "\(again)")
            let other = try await server.ask(
                "POST",
                Self.lines,
                token: token,
                body: body + "\n" + body,
                headers: headers
            )
            #expect(other.status == 422, "\(other)")
        }
    }

    /// Days that retention has taken do not take lines again; days that are archived and still there do.
    @Test func aClosedDayIsRefused() async throws {
        try await withServer { server in
            let token = try await server.token("developer")
            let project = try await project(server)
            let day = try await server.text(
                "SELECT to_char(now() AT TIME ZONE 'UTC' - interval '3 days', 'YYYY-MM-DD')"
            )
            let body = #"{"project_id": "\#(project)", "ts": "\#(day)T12:00:00Z"}"#
            func post() async throws -> ServedAPI.Answer {
                try await server.ask("POST", Self.lines, token: token, body: body, headers: [Self.ndjson])
            }
            #expect(try await post().status == 200)
            let name = "log_lines_p" + day.replacing("-", with: "")
            try await server.owner(
                """
                INSERT INTO cygni.archives (source, object_key, rows, bytes, sha256, verified_at, range_start, range_end)
                VALUES ('\(name)', 'x', 1, 1, repeat('0', 64), now(), '\(day) 00:00Z', '\(day) 00:00Z'::timestamptz + interval '1 day')
                """
            )
            #expect(try await post().status == 200)
            try await server.owner("DROP TABLE cygni.\(name)")
            let refused = try await post()
            #expect(refused.status == 409 && refused.problem == "conflict", "\(refused)")
            #expect(refused.text.contains("/0/ts") && refused.text.contains(day), "\(refused)")
            // Somebody made its partition anew: what retention took is still closed, until it is restored.
            try await server.owner(
                """
                INSERT INTO cygni.quarantined_partitions
                    (source, partition, relation, range_start, range_end, weapon, bytes, proof, policy, run_id, drop_after)
                VALUES ('log_lines', '\(name)_default', 'x', '\(day) 00:00Z', '\(day) 00:00Z'::timestamptz + interval '1 day', 'drop', 0,
                    '{}', '{}', gen_random_uuid(), now());
                SELECT cygni.ensure_partitions('log_lines', '\(day)', '\(day)');
                """
            )
            #expect(try await post().status == 409)
            try await server.owner("UPDATE cygni.quarantined_partitions SET ended_at = now(), end_state = 'restored'")
            #expect(try await post().status == 200)
            let today = #"{"project_id": "\#(project)"}"#
            let other = try await server.ask("POST", Self.lines, token: token, body: today, headers: [Self.ndjson])
            #expect(other.status == 200, "\(other)")
        }
    }
}
