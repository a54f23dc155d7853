import CygniTestSupport
import Foundation
import Testing

/// What an operator does on the page, and what nobody else does in their name.
@Suite struct PageFormTests {
    private static let ours = [(name: "Sec-Fetch-Site", value: "same-origin")]

    private func prepare(_ server: ServedAPI) throws {
        try server.folder.write("schedule: \"0 3 * * *\"\n", to: "jobs/log-archive.yaml")
        try server.folder.write("schedule: \"0 3 * * *\"\n", to: "jobs/metrics-rollup.yaml")
    }

    private func fence(_ server: ServedAPI) async throws {
        try await server.owner("INSERT INTO cygni.job_fences (job, fence) VALUES ('log-archive', 1)")
    }

    private func pauses(_ server: ServedAPI) async throws -> String {
        try await server.text("SELECT count(*) FROM cygni.job_pauses")
    }

    /// Every way in which another site could send a form.
    @Test func formsOfOtherSites() async throws {
        try await withServer { server in
            try prepare(server)
            let visitor = PageVisitor(server)
            try await visitor.signIn()
            let other = PageVisitor(server)
            try await other.signIn()
            let code = try await visitor.code(on: "/")
            let foreign = try await other.code(on: "/")
            let path = "/jobs/log-archive/pause"
            let why = ["why": "mine now"]
            var tampered = Array(code)
            tampered[50] = tampered[50] == "A" ? "B" : "A"
            let codes: [String?] = [nil, "", "x", foreign, String(tampered), String(code.dropLast()), code + "A"]
            for wrong in codes {
                let answer = try await visitor.send(path, why, code: wrong, from: Self.ours)
                #expect(
                    answer.status == 403 && answer.text.contains("did not come from a page"),
                    "\(wrong ?? "none"): \(answer)"
                )
                #expect(answer.text.hasPrefix("<!doctype html>"), "\(answer)")
            }
            let origins: [[(name: String, value: String)]] = [
                [], [("Sec-Fetch-Site", "cross-site")], [("Sec-Fetch-Site", "same-site")], [("Sec-Fetch-Site", "none")],
                [("Origin", "null")], [("Origin", "https://evil.test")], [("Origin", "http://127.0.0.1:1")],
                [("Sec-Fetch-Site", "same-origin"), ("Origin", "https://evil.test")],
                [("Sec-Fetch-Site", "cross-site"), ("Origin", ServedAPI.issuer)],
            ]
            for origin in origins {
                let answer = try await visitor.send(path, why, code: code, from: origin)
                #expect(answer.status == 403, "\(origin): \(answer)")
            }
            // A form that another site can send without asking first is one of three media types.
            for type in ["text/plain", "multipart/form-data; boundary=x", "application/json"] {
                let field = visitor.cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
                let answer = try await server.ask(
                    "POST",
                    path,
                    body: "why=x&form=\(code)",
                    headers: [("Content-Type", type), ("Cookie", field)] + Self.ours
                )
                #expect(answer.status == 415, "\(type): \(answer)")
            }
            // By GET, or with another method, nothing is done.
            #expect(try await visitor.get("\(path)?why=x&form=\(code)").status == 405)
            #expect(try await pauses(server) == "0")
            let right = try await visitor.send(
                path,
                why,
                code: code,
                from: [("Origin", "http://127.0.0.1:\(server.port)")]
            )
            #expect(right.status == 303, "\(right)")
            #expect(try await pauses(server) == "1", "the attacks above failed for what they are")
        }
    }

    /// Nobody is signed in as somebody else by a form of another site.
    @Test func signingSomebodyInFromElsewhere() async throws {
        try await withServer { server in
            let link = try await PageVisitor.link(server)
            let attacker = PageVisitor(server)
            let theirs = try await attacker.code(on: "/sign-in")
            let victim = PageVisitor(server)
            _ = try await victim.get("/sign-in")
            for code in [nil, "", theirs] {
                let answer = try await victim.send("/sign-in", ["link": link], code: code, from: Self.ours)
                #expect(answer.status == 403 && victim.cookies["cygni"] == nil, "\(answer)")
            }
            let mine = try await victim.code(on: "/sign-in")
            let cross = try await victim.send(
                "/sign-in",
                ["link": link],
                code: mine,
                from: [("Sec-Fetch-Site", "cross-site")]
            )
            #expect(cross.status == 403, "\(cross)")
            // Nor out.
            let answer = try await victim.send("/sign-in", ["link": link], code: mine, from: Self.ours)
            #expect(answer.status == 303, "the link was not used up by the attacks: \(answer)")
            #expect(try await victim.send("/sign-out", code: "x", from: Self.ours).status == 403)
            #expect(try await victim.get("/").status == 200)
        }
    }

    /// What the page changes is what the API changes: the same effect and the same entry in the audit log.
    @Test func pausedAndResumed() async throws {
        try await withServer { server in
            try prepare(server)
            try await fence(server)
            let visitor = PageVisitor(server)
            try await visitor.signIn()
            let path = "/jobs/log-archive"
            let paused = try await visitor.send(
                "\(path)/pause",
                ["why": "disk <full>", "hours": "2"],
                code: visitor.code(on: path)
            )
            #expect(paused.status == 303 && paused.header("Location") == "\(path)?done=paused", "\(paused)")
            let page = try await visitor.get("\(path)?done=paused")
            #expect(page.text.contains("disk &lt;full&gt;") && page.text.contains("no schedule starts it"), "\(page)")
            let again = try await visitor.send("\(path)/pause", ["why": "twice"], code: visitor.code(on: path))
            #expect(again.header("Location") == "\(path)?done=already-paused", "\(again)")
            let resumed = try await visitor.send("\(path)/resume", code: visitor.code(on: path))
            #expect(resumed.header("Location") == "\(path)?done=resumed", "\(resumed)")
            let token = try await server.token("operator", tenant: nil)
            _ = try await server.ask(
                "POST",
                "/v2\(path)/pause",
                token: token,
                body: #"{"why": "disk <full>", "minutes": 120}"#
            )
            _ = try await server.ask("POST", "/v2\(path)/resume", token: token)
            let entries = """
                SELECT string_agg(concat_ws(' ', action, subject, details ->> 'why', details ->> 'address', tenant_id, details ? 'until',
                    details ? 'request_id'), '|' ORDER BY id) FROM cygni.audit_log WHERE subject = 'job:log-archive'
                """
            let told = try await server.text(entries).split(separator: "|")
            #expect(told.count == 4 && told[0] == told[2] && told[1] == told[3], "\(told)")
        }
    }

    @Test func wrongForms() async throws {
        try await withServer { server in
            try prepare(server)
            let visitor = PageVisitor(server)
            try await visitor.signIn()
            let code = try await visitor.code(on: "/")
            let wrong: [[String: String]] = [
                [:], ["why": "  "], ["why": "x", "hours": "0"], ["why": "x", "hours": "99999"],
                ["why": "x", "hours": "-1"],
                ["why": "x", "hours": "two"], ["why": "a\u{0}b"], ["why": String(repeating: "x", count: 1001)],
            ]
            for fields in wrong {
                let answer = try await visitor.send("/jobs/log-archive/pause", fields, code: code)
                #expect(answer.status == 400 && answer.text.hasPrefix("<!doctype html>"), "\(fields): \(answer)")
            }
            let long = try await visitor.send(
                "/jobs/log-archive/pause",
                ["why": String(repeating: "x", count: 20_000)],
                code: code
            )
            #expect(long.status == 413, "\(long)")
            #expect(try await pauses(server) == "0")
            try server.folder.write("schedule: sometimes\n", to: "jobs/log-archive.yaml")
            let broken = try await visitor.send("/jobs/log-archive/pause", ["why": "x"], code: code)
            #expect(broken.status == 409 && broken.text.contains("cygni config check"), "\(broken)")
        }
    }

    /// A run that is asked for here is on its page with its log, and a failure can be acknowledged.
    @Test func runAndAcknowledged() async throws {
        try await withServer { server in
            try prepare(server)
            let visitor = PageVisitor(server)
            try await visitor.signIn()
            let started = try await visitor.send("/jobs/metrics-rollup/run", code: visitor.code(on: "/"))
            let place = try #require(started.header("Location"), "\(started)")
            #expect(
                started.status == 303 && place.hasPrefix("/runs/") && place.hasSuffix("?done=started"),
                "\(started)"
            )
            let path = String(place.prefix { $0 != "?" })
            let log = try await visitor.get("\(path)/log?after=0")
            #expect(log.header("Content-Type") == "text/event-stream" && log.text.contains("event: end"), "\(log)")
            let page = try await visitor.get(path)
            #expect(page.text.contains("succeeded") && page.text.contains("run started"), "\(page)")
            try await server.owner("UPDATE cygni.job_runs SET state = 'failed', exit_status = 1, error = 'disk full'")
            let code = try await visitor.code(on: "/")
            #expect(try await visitor.get("/").text.contains("<title>1 failing · Cygni</title>"))
            let seen = try await visitor.send("\(path)/acknowledge", ["why": "bigger disk"], code: code)
            #expect(seen.header("Location") == "\(path)?done=acknowledged", "\(seen)")
            let after = try await visitor.get(path)
            #expect(after.text.contains("bigger disk") && after.text.contains("failed, seen"), "\(after)")
            #expect(try await visitor.get("/").text.contains("<title>All is well · Cygni</title>"))
            let audit =
                "SELECT string_agg(concat_ws(' ', action, actor, details ->> 'address'), ', ' ORDER BY id) FROM cygni.audit_log WHERE subject LIKE 'run:%'"
            #expect(try await server.text(audit) == "run.acknowledge user:anna@example.test 127.0.0.1")
        }
    }
}
