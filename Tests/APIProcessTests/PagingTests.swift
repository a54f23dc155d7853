import CygniModel
import Foundation
import Testing

/// Lists page by page: nothing lost, nothing twice, and cursors that are not one's own.
@Suite struct PagingTests {
    private func walk(
        _ server: ServedAPI,
        _ path: String,
        _ token: String,
        between: (Int) async throws -> Void = { _ in }
    )
        async throws -> [String]
    {
        var ids: [String] = []
        var cursor: String?
        var pages = 0
        repeat {
            let more = cursor.map { "&cursor=\($0)" } ?? ""
            let answer = try await server.get(path + more, token: token)
            #expect(answer.status == 200, "\(answer)")
            ids += answer.items.compactMap { $0["id"].map { "\($0)" } }
            cursor = answer.json["next_cursor"] as? String
            #expect((answer.header("Link") != nil) == (cursor != nil), "\(answer)")
            if let cursor { #expect(answer.header("Link")?.contains(cursor) == true) }
            pages += 1
            try await between(pages)
        } while cursor != nil && pages < 1000
        return ids
    }

    /// Five rows share one microsecond; others come in while the list is walked.
    @Test func everyRowOnceWhileRowsComeIn() async throws {
        try await withServer { server in
            let token = try await server.token("viewer")
            try await server.owner(
                """
                INSERT INTO cygni.deployments (tenant_id, project_id, kind, state, created_at)
                SELECT md5('acme')::uuid, md5('acme web')::uuid, 'preview', 'ready', '2026-10-01'::timestamptz + (n / 3) * interval '1 microsecond'
                FROM generate_series(1, 40) AS n
                """
            )
            let before = try await server.text(
                "SELECT string_agg(id::text, ' ' ORDER BY created_at DESC, id DESC) FROM cygni.deployments WHERE tenant_id = md5('acme')::uuid"
            ).split(separator: " ").map(String.init)
            let seen = try await walk(server, "/v2/deployments?limit=3", token) { page in
                try await server.owner(
                    """
                    INSERT INTO cygni.deployments (tenant_id, project_id, kind, state)
                    VALUES (md5('acme')::uuid, md5('acme web')::uuid, 'preview', 'queued')
                    """
                )
            }
            #expect(seen == before)
            #expect(Set(seen).count == 45)
        }
    }

    @Test func cursorsOfOthersAndMadeUpOnes() async throws {
        try await withServer { server in
            let acme = try await server.token("owner")
            let first = try await server.get("/v2/deployments?limit=2", token: acme)
            let cursor = try #require(first.json["next_cursor"] as? String)
            func problem(_ path: String, _ token: String) async throws -> String? {
                let answer = try await server.get(path, token: token)
                return answer.status == 400 ? answer.problem : "\(answer)"
            }
            let bolt = try await server.token("owner", tenant: "bolt")
            #expect(try await problem("/v2/deployments?cursor=\(cursor)", bolt) == "invalid-cursor", "another tenant's")
            #expect(try await problem("/v2/domains?cursor=\(cursor)", acme) == "invalid-cursor", "another list's")
            #expect(
                try await problem("/v2/deployments?kind=preview&cursor=\(cursor)", acme) == "invalid-cursor",
                "another filter's"
            )
            // Another page size is no other list.
            #expect(try await server.get("/v2/deployments?limit=1&cursor=\(cursor)", token: acme).status == 200)
            var bytes = try #require(Base64URL.decode(exactly: cursor))
            for place in [0, 15, 16, bytes.count - 1] {
                bytes[place] ^= 1
                let forged = Base64URL.encode(bytes)
                #expect(
                    try await problem("/v2/deployments?cursor=\(forged)", acme) == "invalid-cursor",
                    "byte \(place)"
                )
                bytes[place] ^= 1
            }
            for text in ["x", "AAAA", String(repeating: "A", count: 200), "%27%20OR%201%3D1--"] {
                #expect(try await problem("/v2/deployments?cursor=\(text)", acme) == "invalid-cursor", "\(text)")
            }
            #expect(try await problem("/v2/deployments?cursor=", acme) == "invalid-request")
        }
    }

    @Test func theAuditLogPagesByItsOwnOrder() async throws {
        try await withServer { server in
            try await server.owner(
                "SELECT cygni.audit_append(md5('acme')::uuid, 'user:acme', 'test', n::text) FROM generate_series(1, 20) AS n"
            )
            let ids = try await walk(server, "/v2/audit?limit=6&action=test", try await server.token("admin"))
            #expect(ids.count == 21 && ids == ids.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }, "\(ids)")
        }
    }
}
