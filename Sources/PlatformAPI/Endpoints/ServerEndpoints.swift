import CygniAccess
import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes

/// What the server tells of itself, and to a CA.
enum ServerEndpoints {
    private static let operations = ServerStatements.operations
    private static let plain = "text/plain; charset=utf-8"

    static let all = [
        APIOperation(
            id: "isAlive",
            method: .get,
            path: "/healthz",
            area: .server,
            summary: "Whether the process answers",
            access: .open,
            answers: [.init(.ok, "It does.", .text, mediaType: "text/plain")],
            handler: .any { _ in Reply(.ok, .text("ok\n", mediaType: plain), headers: [.cacheControl: "no-store"]) }
        ),
        APIOperation(
            id: "isReady",
            method: .get,
            path: "/readyz",
            area: .server,
            summary: "Whether what the server needs is there: database, schema, object store",
            access: .open,
            answers: [
                .init(.ok, "All of it is.", Readiness.shape),
                .init(.serviceUnavailable, "Some of it is not.", Readiness.shape),
            ],
            handler: .any { call in try await Readiness.of(call.server).reply }
        ),
        APIOperation(
            id: "getMetrics",
            method: .get,
            path: "/metrics",
            area: .server,
            summary: "The server's and the jobs' series, for Prometheus",
            access: .open,
            answers: [.init(.ok, "Text exposition format 0.0.4.", .text(0...10_000_000), mediaType: "text/plain")],
            handler: .any { call in
                let ledger = try? await LedgerMetrics.text(call.server.database)
                let up =
                    "# HELP cygni_api_database_up Whether the database answered this scrape.\n# TYPE cygni_api_database_up gauge\ncygni_api_database_up \(ledger == nil ? 0 : 1)\n"
                let queue =
                    "# HELP cygni_api_ingest_queue_bytes Bytes that wait to be written, or are being written.\n# TYPE cygni_api_ingest_queue_bytes gauge\ncygni_api_ingest_queue_bytes \(call.server.ingest.bytes)\n"
                let text = call.server.metrics.text + up + queue + (ledger ?? "")
                return Reply(
                    .ok,
                    .text(text, mediaType: "text/plain; version=0.0.4; charset=utf-8"),
                    headers: [.cacheControl: "no-store"]
                )
            }
        ),
        APIOperation(
            id: "getDocument",
            method: .get,
            path: "/v2/openapi.json",
            area: .server,
            summary: "This document",
            access: .open,
            answers: [.init(.ok, "OpenAPI 3.1.", .map(.any))],
            handler: .any { call in
                Reply(
                    .ok,
                    .text(call.server.document, mediaType: "application/json"),
                    headers: [.cacheControl: "public, max-age=300"]
                )
            }
        ),
        APIOperation(
            id: "getKeySet",
            method: .get,
            path: "/.well-known/jwks.json",
            area: .server,
            summary: "The public keys of access tokens (RFC 7517)",
            access: .open,
            answers: [
                .init(
                    .ok,
                    "A JWK Set.",
                    .object([.init("keys", .array(.map(.text), count: 1...20), "")])
                )
            ],
            handler: .any { call in .json(call.server.keys.jwks, headers: [.cacheControl: "public, max-age=300"]) }
        ),
        APIOperation(
            id: "answerChallenge",
            method: .get,
            path: "/.well-known/acme-challenge/{token}",
            area: .server,
            summary: "What a CA is answered that validates a name by http-01 (RFC 8555, 8.3)",
            access: .open,
            parameters: [.init("token", .path, .text(16...256, pattern: "[A-Za-z0-9_-]+"), "")],
            answers: [.init(.ok, "The key authorization.", .text, mediaType: "application/octet-stream")],
            handler: .any { call in
                let token = call.arguments.path["token"]?.text
                let answer = try await call.server.database.platform(isReading: true) { session in
                    try session.query(operations["challenge"], token)[0].get("answer", as: String?.self)
                }
                guard let answer else { throw Problem(.notFound) }
                return Reply(
                    .ok,
                    .text(answer, mediaType: "application/octet-stream"),
                    headers: [.cacheControl: "no-store"]
                )
            }
        ),
    ]
}
