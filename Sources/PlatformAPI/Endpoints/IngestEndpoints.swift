import CygniAccess
import CygniLog
import CygniModel
import FoundationEssentials
import HTTPTypes
import NIOCore

/// Metrics and logs on their way in.
enum IngestEndpoints {
    private static let project = APIOperation.Parameter("project", .query, .uuid, "Of rows that do not say theirs.")
    private static let answer = APIOperation.Answer(
        .ok,
        "All of it is committed.",
        .named("Accepted", .object([.init("accepted", .integer(0...IngestBounds.rows), "How many rows.")]))
    )
    private static let manners = """
        All is taken or nothing: what is wrong is named, a line or sample each. The answer comes when it is committed. After an \
        answer that got lost, send the same again with the same Idempotency-Key: it is there once.
        """

    static let all = [
        APIOperation(
            id: "addMetrics",
            method: .post,
            path: "/v2/metrics",
            area: .metrics,
            summary: "Bring samples of metrics",
            detail: manners + " Prometheus' text needs the parameter project; a series is kept by its name and labels.",
            access: .tenant(.metricsWrite),
            rate: .ingest,
            parameters: [project],
            body: APIOperation.Body(
                contents: [
                    .init(mediaType: APIOperation.Body.Content.json, schema: SampleReader.shape),
                    .init(mediaType: "text/plain", schema: .text(0...(64 << 20))),
                ],
                doc: "Samples, or Prometheus' text format 0.0.4; gzip or zstd, if Content-Encoding says so."
            ),
            answers: [answer],
            problems: [.conflict, .queueFull],
            isIdempotent: true,
            handler: .batched { call, duplicate in
                try await take(call, .samples, duplicate) { bounds, project, _ in
                    let reader = SampleReader(bounds: bounds, project: project)
                    guard let body = call.arguments.body else {
                        return try call.bytes.withUnsafeReadableBytes { try reader.read(text: $0) }
                    }
                    return try reader.read(body)
                }
            }
        ),
        APIOperation(
            id: "addLogs",
            method: .post,
            path: "/v2/logs",
            area: .logs,
            summary: "Bring log lines",
            detail: manners + " Lines without a time keep their order.",
            access: .tenant(.logsWrite),
            rate: .ingest,
            parameters: [
                project, .init("deployment", .query, .uuid, "Of lines that do not say theirs."),
            ],
            body: APIOperation.Body(
                contents: [.init(mediaType: "application/x-ndjson", schema: LogLineReader.shape)],
                doc: "JSON lines, each of this shape; gzip or zstd, if Content-Encoding says so."
            ),
            answers: [answer],
            problems: [.conflict, .queueFull],
            isIdempotent: true,
            handler: .batched { call, duplicate in
                try await take(call, .logs, duplicate) { bounds, project, deployment in
                    let reader = LogLineReader(bounds: bounds, project: project, deployment: deployment)
                    return try call.bytes.withUnsafeReadableBytes { try reader.read($0) }
                }
            }
        ),
    ]

    private static func take(
        _ call: Call,
        _ table: IngestRows.Table,
        _ duplicate: DuplicateGuard?,
        _ read: (IngestBounds, _ project: UUID?, _ deployment: UUID?) throws -> IngestRows
    ) async throws -> Reply {
        let (server, tenant) = (call.server, try call.tenant)
        let lane = IngestQueue.Lane(tenant: tenant, table: table)
        try server.ingest.demandRoom(for: call.bytes.readableBytes, in: lane)
        let settings = server.settings.ingest
        let bounds = IngestBounds(now: .wallClock(), past: settings.past, future: settings.future)
        let rows = try read(bounds, call.arguments.uuid("project"), call.arguments.uuid("deployment"))
        try await server.owners.check(rows, of: tenant, server.database)
        try await server.days.ensure(rows.days, of: table, server.database)
        let request = IngestRequest(rows: rows, bytes: call.bytes.readableBytes, duplicate: duplicate)
        return try await server.ingest.write(request, in: lane)
    }
}
