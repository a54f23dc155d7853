import CygniTestSupport
import Foundation
import Testing

/// Coming in to the operator's page, staying, and going.
@Suite struct PageSessionTests {
    private func isIn(_ visitor: PageVisitor) async throws -> Bool { try await visitor.get("/").status == 200 }

    @Test func aLinkLetsOneIn() async throws {
        try await withServer { server in
            let visitor = PageVisitor(server)
            let away = try await visitor.get("/runs?state=failed")
            #expect(away.status == 303 && away.header("Location") == "/sign-in?next=/runs%3Fstate%3Dfailed", "\(away)")
            let link = try await PageVisitor.link(server)
            #expect(link.hasPrefix("\(ServedAPI.issuer)/sign-in#cyl_"), "\(link)")
            // Looking at it, as a scanner of mail does, does not use it up.
            for _ in 0..<3 { #expect(try await visitor.get("/sign-in").status == 200) }
            let code = try await visitor.code(on: "/sign-in")
            let answer = try await visitor.send("/sign-in", ["link": link, "next": "/runs?state=failed"], code: code)
            #expect(answer.status == 303 && answer.header("Location") == "/runs?state=failed", "\(answer)")
            let cookie = try #require(answer.headers.first { $0.value.hasPrefix("cygni=cys_") }?.value)
            #expect(cookie.hasSuffix("; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax"), "\(cookie)")
            #expect(try await isIn(visitor))
            #expect(try await visitor.get("/").text.contains("anna@example.test"))
            let value = try #require(visitor.cookies["cygni"])
            let kept = "SELECT count(*) FROM cygni.page_sessions AS s WHERE s::text LIKE '%\(value.dropFirst(10))%'"
            #expect(try await server.text(kept) == "0", "only its hash is kept")
            // Once.
            let other = PageVisitor(server)
            let again = try await other.send("/sign-in", ["link": link], code: other.code(on: "/sign-in"))
            #expect(again.status == 403 && again.text.contains("used before"), "\(again)")
            #expect(try await !isIn(other))
            let log = server.process.errorText
            #expect(!log.contains("cyl_") && !log.contains("cys_"), "no secret is in the log")
        }
    }

    @Test func signingOutEndsIt() async throws {
        try await withServer { server in
            let visitor = PageVisitor(server)
            try await visitor.signIn()
            let stolen = visitor.cookies
            let out = try await visitor.send("/sign-out", code: visitor.code(on: "/"))
            #expect(out.status == 303 && out.header("Location") == "/sign-in?done=signed-out", "\(out)")
            #expect(try await visitor.get("/sign-in?done=signed-out").text.contains("You are signed out."))
            visitor.cookies = stolen
            #expect(try await !isIn(visitor), "the cookie is of no use any more")
            let audit =
                "SELECT string_agg(action || ' ' || actor || ' ' || (details ->> 'address'), ', ' ORDER BY id) FROM cygni.audit_log WHERE action LIKE 'page.%'"
            #expect(
                try await server.text(audit)
                    == "page.sign-in user:anna@example.test 127.0.0.1, page.sign-out user:anna@example.test 127.0.0.1"
            )
        }
    }

    /// Who signs in again in the same browser leaves no session behind.
    @Test func signingInAgainReplacesIt() async throws {
        try await withServer { server in
            let visitor = PageVisitor(server)
            try await visitor.signIn()
            let old = visitor.cookies
            let link = try await PageVisitor.link(server)
            let answer = try await visitor.send("/sign-in", ["link": link], code: visitor.code(on: "/"))
            #expect(answer.status == 303, "\(answer)")
            #expect(try await isIn(visitor))
            visitor.cookies = old
            #expect(try await !isIn(visitor))
            #expect(
                try await server.text("SELECT string_agg(ended_because, '') FROM cygni.page_sessions") == "replaced"
            )
        }
    }

    @Test func itEndsByItself() async throws {
        try await withServer(settings: "page: {idle: 1h, lifetime: 12h}") { server in
            let visitor = PageVisitor(server)
            try await visitor.signIn()
            func set(_ assignment: String) async throws {
                try await server.owner("UPDATE cygni.page_sessions SET \(assignment)")
            }
            try await set("seen_at = now() - interval '59 minutes'")
            // A page that is merely open does not keep it.
            let alone = try await visitor.get("/", headers: [("X-Cygni-Refresh", "1")])
            #expect(alone.status == 200)
            let seen = "SELECT seen_at < now() - interval '58 minutes' FROM cygni.page_sessions"
            #expect(try await server.text(seen) == "true")
            #expect(try await isIn(visitor))
            #expect(try await server.text(seen) == "false", "somebody did something")
            try await set("seen_at = now() - interval '61 minutes'")
            #expect(try await !isIn(visitor), "left alone for too long")
            try await set("seen_at = now(), expires_at = now() - interval '1 second'")
            #expect(try await !isIn(visitor), "its time is over")
            try await set("expires_at = now() + interval '1 minute'")
            #expect(try await isIn(visitor), "the ends above were what ended it")
        }
    }

    @Test func theTimesAreSettings() async throws {
        try await withServer(settings: "page: {idle: 1s, lifetime: 2h}") { server in
            let visitor = PageVisitor(server)
            let answer = try await visitor.signIn()
            #expect(answer.headers.contains { $0.value.contains("Max-Age=7200;") }, "\(answer)")
            try await Task.sleep(for: .milliseconds(1200))
            #expect(try await !isIn(visitor))
        }
    }

    /// A tenant's person is told where they belong, and their link is still good for that.
    @Test(arguments: ["owner", "admin", "developer", "viewer"])
    func aTenantsPersonStaysOutside(role: String) async throws {
        try await withServer { server in
            let link = try await PageVisitor.link(server, ["--tenant", "acme", "--role", role])
            #expect(link.hasPrefix("cyl_"), "it is no address of the page: \(link)")
            let visitor = PageVisitor(server)
            let answer = try await visitor.send("/sign-in", ["link": link], code: visitor.code(on: "/sign-in"))
            #expect(answer.status == 403 && answer.text.contains("those who run the platform"), "\(answer)")
            #expect(visitor.cookies["cygni"] == nil)
            #expect(try await server.text("SELECT count(*) FROM cygni.page_sessions") == "0")
            let tokens = try await server.ask("POST", "/v2/tokens", body: #"{"link": "\#(link)"}"#)
            #expect(tokens.status == 200, "\(tokens)")
        }
    }

    /// The address that the tool prints, and its end, do for the API too.
    @Test func theLinkIsTheAPIsToo() async throws {
        try await withServer { server in
            let whole = try await PageVisitor.link(server)
            #expect(try await server.ask("POST", "/v2/tokens", body: #"{"link": "\#(whole)"}"#).status == 200)
            let end = try #require(try await PageVisitor.link(server).split(separator: "#").last)
            #expect(try await server.ask("POST", "/v2/tokens", body: #"{"link": "\#(end)"}"#).status == 200)
        }
    }

    /// A session's row that says something else than an operator's role opens nothing.
    @Test(arguments: ["owner", "viewer", "bogus"])
    func anotherRoleSeesNothing(role: String) async throws {
        try await withServer { server in
            let visitor = PageVisitor(server)
            try await visitor.signIn()
            let code = try await visitor.code(on: "/")
            try await server.owner("UPDATE cygni.page_sessions SET role = '\(role)'")
            for route in PageRoutes.needingPermission {
                let answer =
                    route.method == "GET"
                    ? try await visitor.get(route.path) : try await visitor.send(route.path, code: code)
                #expect(answer.status == 403, "\(route): \(answer)")
            }
        }
    }
}
