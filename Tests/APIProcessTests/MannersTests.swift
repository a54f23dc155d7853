import CygniTestSupport
import Foundation
import Testing

/// What every answer has, and every wrong request gets.
@Suite struct MannersTests {
    @Test func problemsNameThePart() async throws {
        try await withServer { server in
            let token = try await server.token("developer")
            func faults(_ answer: ServedAPI.Answer) -> [[String: String]] {
                answer.json["errors"] as? [[String: String]] ?? []
            }
            let query = try await server.get("/v2/deployments?limit=0&kind=x&project=7&odd=1&limit=2", token: token)
            #expect(query.status == 400 && query.header("Content-Type") == "application/problem+json", "\(query)")
            #expect(
                Set(faults(query).compactMap { $0["parameter"] }) == [
                    "query/limit", "query/kind", "query/project", "query/odd",
                ]
            )
            let body = try await server.ask("POST", "/v2/domains", token: token, body: #"{"name": 7, "a/b~": 1}"#)
            #expect(Set(faults(body).compactMap { $0["pointer"] }) == ["/name", "/project_id", "/a~1b~0"], "\(body)")
            for text in ["", "{", "[1,", "\u{FEFF}{}x", "{\"a\":\"\\ud800\"}"] {
                let broken = try await server.ask("POST", "/v2/domains", token: token, body: text)
                #expect(broken.status == 400, "\(text): \(broken)")
            }
            let nul = #"{"project_id": "00000000-0000-4000-8000-000000000000", "name": "a\u0000.test"}"#
            #expect(try await server.ask("POST", "/v2/domains", token: token, body: nul).status == 400)
            let type = try await server.ask(
                "POST",
                "/v2/domains",
                token: token,
                body: "{}",
                headers: [("Content-Type", "text/xml")]
            )
            #expect(type.status == 415, "\(type)")
            let none = try await server.get("/v2/nothing", token: token)
            #expect(none.status == 404 && none.problem == "not-found", "\(none)")
            let method = try await server.ask("DELETE", "/v2/deployments", token: token)
            #expect(method.status == 405 && method.header("Allow") == "GET", "\(method)")
            #expect(try await server.get("/v2/deployments/not-a-uuid", token: token).status == 400)
            #expect(try await server.get("/v2/deployments/%00", token: token).status == 400)
        }
    }

    @Test func headersOfEveryAnswer() async throws {
        try await withServer(settings: "origins: [https://app.example.test]") { server in
            for path in ["/healthz", "/v2/nothing", "/v2/deployments"] {
                let answer = try await server.ask("GET", path, headers: [("Origin", "https://app.example.test")])
                #expect(answer.header("X-Content-Type-Options") == "nosniff")
                #expect(answer.header("Content-Security-Policy")?.hasPrefix("default-src 'none'") == true)
                #expect(answer.header("Access-Control-Allow-Origin") == "https://app.example.test", "\(path)")
                #expect(answer.header("X-Request-Id")?.isEmpty == false && answer.header("Server") == nil)
                let other = try await server.ask("GET", path, headers: [("Origin", "https://evil.test")])
                #expect(other.header("Access-Control-Allow-Origin") == nil)
            }
            let asked = [("Origin", "https://app.example.test"), ("Access-Control-Request-Method", "POST")]
            let preflight = try await server.ask(
                "OPTIONS",
                "/v2/domains",
                headers: asked.map { (name: $0.0, value: $0.1) }
            )
            #expect(
                preflight.status == 204
                    && preflight.header("Access-Control-Allow-Headers")?.contains("Authorization") == true
            )
            let id = try await server.ask("GET", "/healthz", headers: [("X-Request-Id", "bad id; drop")])
            #expect(id.header("X-Request-Id")?.count == 36)
        }
    }

    @Test func anUnchangedListIsNotSentAgain() async throws {
        try await withServer { server in
            let token = try await server.token("viewer")
            let first = try await server.get("/v2/deployments", token: token)
            let tag = try #require(first.header("ETag"))
            let same = try await server.ask(
                "GET",
                "/v2/deployments",
                token: token,
                headers: [("If-None-Match", "\"x\", \(tag)")]
            )
            #expect(same.status == 304 && same.bytes.isEmpty, "\(same)")
            try await server.owner("UPDATE cygni.deployments SET pinned = true WHERE tenant_id = md5('acme')::uuid")
            let changed = try await server.ask(
                "GET",
                "/v2/deployments",
                token: token,
                headers: [("If-None-Match", tag)]
            )
            #expect(changed.status == 200)
            let plain = try await server.get("/v2/deployments", token: token)
            let packed = try await server.ask(
                "GET",
                "/v2/deployments",
                token: token,
                headers: [("Accept-Encoding", "br, gzip;q=0.5")]
            )
            #expect(packed.header("Content-Encoding") == "gzip" && packed.bytes.count < plain.bytes.count / 2)
            let refused = try await server.ask(
                "GET",
                "/v2/deployments",
                token: token,
                headers: [("Accept-Encoding", "gzip;q=0")]
            )
            #expect(refused.header("Content-Encoding") == nil && refused.text == plain.text)
        }
    }

    @Test func theOldVersionSaysWhenItEnds() async throws {
        try await withServer { server in
            let answer = try await server.get("/v1/deployments", token: server.token("viewer"))
            #expect(answer.status == 200 && answer.list.count == 5, "\(answer)")
            #expect(
                answer.header("Deprecation") == "@1795651200"
                    && answer.header("Sunset") == "Fri, 26 Nov 2027 00:00:00 GMT"
            )
            #expect(answer.header("Link") == "</v2/deployments>; rel=\"successor-version\"")
        }
    }

    @Test func aTenantsRateIsItsOwn() async throws {
        try await withServer(settings: "rates: {free: {reads: 60}}") { server in
            let acme = try await server.token("viewer")
            var statuses: [Int] = []
            var last: ServedAPI.Answer?
            for _ in 0..<12 {
                last = try await server.get("/v2/deployments", token: acme)
                statuses.append(last?.status ?? 0)
            }
            #expect(statuses.prefix(10).allSatisfy { $0 == 200 } && statuses.contains(429), "\(statuses)")
            #expect(
                last?.header("Retry-After") == "1" && last?.problem == "rate-limited",
                "\(String(describing: last))"
            )
            #expect(last?.header("RateLimit-Policy") == "\"reads\";q=60;w=60")
            #expect(last?.header("RateLimit")?.hasPrefix("\"reads\";r=0;t=") == true)
            #expect(
                try await server.get("/v2/deployments", token: server.token("viewer", tenant: "bolt")).status == 200
            )
            try await Task.sleep(for: .milliseconds(1100))
            #expect(try await server.get("/v2/deployments", token: acme).status == 200)
        }
    }

    @Test func bodiesThatAreTooMuch() async throws {
        try await withServer(settings: "limits: {body: 64KiB}") { server in
            let token = try await server.token("developer")
            let huge = try await server.ask(
                "POST",
                "/v2/domains",
                token: token,
                body: String(repeating: "x", count: 200_000)
            )
            #expect(huge.status == 413 && huge.problem == "body-too-large", "\(huge)")
            // A small one that unpacks to a large one.
            let bomb = try await BuiltExecutable(path: "/bin/sh").run(
                ["-c", "head -c 50000000 /dev/zero | gzip -9 >bomb.gz"],
                folder: server.folder.path
            )
            #expect(bomb.status == 0)
            let curl = try await BuiltExecutable(path: "/usr/bin/curl").run([
                "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Authorization: Bearer \(token)", "-H",
                "Content-Type: application/json", "-H", "Content-Encoding: gzip", "--data-binary",
                "@\(server.folder.file("bomb.gz"))", "http://127.0.0.1:\(server.port)/v2/domains",
            ])
            #expect(curl.standardOutput == "413", "\(curl)")
            #expect(try await server.get("/healthz").status == 200)
        }
    }

    @Test func theDocumentIsTheOneInTheRepository() async throws {
        try await withServer { server in
            let served = try await server.get("/v2/openapi.json")
            let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: "docs/openapi.json")
            #expect(
                served.text == (try String(contentsOf: file, encoding: .utf8)),
                "cygni-api document >docs/openapi.json"
            )
        }
    }
}
