import CygniAccess
import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes
import JobBook

/// How jobs stand, for those who run the platform.
enum JobEndpoints {
    private static let statements = ServerStatements.operations
    private static let states = RunEndpoints.states
    /// How many of its newest runs are shown of a job.
    private static let recent = 20

    private static let job = Schema.named(
        "Job",
        .object([
            .init("job", .text, ""),
            .init(
                "standing",
                .choice(JobStanding.allCases.map(\.rawValue)),
                "failing: its newest run did not end well and nobody has acknowledged it."
            ),
            .init("run_id", .nullable(.uuid), "Its newest run; null: it has never run."),
            .init("state", .nullable(.choice(states)), "Of that run."),
            .init("started_at", .nullable(.time), ""), .init("finished_at", .nullable(.time), ""),
            .init("exit_status", .nullable(.integer(0...255)), ""),
            .init("error", .nullable(.text(0...1_000_000)), ""),
            .init("succeeded_at", .nullable(.time), "When a run last succeeded."),
            .init("next_slot", .nullable(.time), "When its schedule is next due."),
            .init("late_by", .nullable(.number), "Seconds since the newest slot that no run came for; null: none."),
            .init(
                "paused",
                .nullable(
                    .object([
                        .init("since", .time, ""), .init("until", .nullable(.time), ""), .init("by", .text, ""),
                        .init("why", .text(0...10_000), ""),
                    ])
                ),
                ""
            ),
            .init("p50", .nullable(.number), "Of its last 100 runs: half took no longer, seconds."),
            .init("p95", .nullable(.number), "Of its last 100 runs: 95 of 100 took no longer, seconds."),
            .init("acknowledged", .nullable(RunEndpoints.acknowledgement), "Of its newest run."),
            .init(
                "recent",
                .array(
                    .object([
                        .init("id", .uuid, ""), .init("state", .choice(states), ""), .init("started_at", .time, ""),
                        .init("took", .nullable(.number), "Seconds; null: it is under way."),
                    ]),
                    count: 0...recent
                ),
                "Its newest runs, newest first."
            ),
            .init("badge", .text, "A picture of how it stands, open to whoever knows this address."),
        ])
    )

    static let all = [
        APIOperation(
            id: "listJobs",
            method: .get,
            path: "/v2/jobs",
            area: .jobs,
            summary: "Every job: how it stands, when it is due, what is late",
            access: .platform(.jobsRead),
            answers: [.init(.ok, "By name.", .array(job, count: 0...1000))],
            handler: .any { call in
                let jobs = try await call.server.database.platform(isReading: true) { session in
                    try session.query(statements["jobs"], recent, String?.none).map { try job($0, call.server) }
                }
                return .json(.array(jobs))
            }
        ),
        APIOperation(
            id: "getBadge",
            method: .get,
            path: "/v2/badges/{job}/{key}",
            area: .jobs,
            summary: "A picture of how a job stands",
            detail: "For pages that cannot send credentials; listJobs tells the address.",
            access: .open,
            parameters: [
                .init("job", .path, .text(1...63, pattern: "[a-z][a-z0-9_-]*"), "The job's name."),
                .init("key", .path, .text(22...22, pattern: "[A-Za-z0-9_-]+"), "Only the server can make it."),
            ],
            answers: [.init(.ok, "SVG.", .text(0...10_000), mediaType: "image/svg+xml")],
            handler: .any { call in
                let (name, secret) = (call.arguments.path["job"]?.text ?? "", call.server.secret)
                guard Badge.isKey(call.arguments.path["key"]?.text ?? "", of: name, secret) else {
                    throw Problem(.notFound)
                }
                let standing = try await call.server.database.platform(isReading: true) { session in
                    try session.query(statements["jobs"], 1, name).first.map { try Self.standing($0) }
                }
                guard let standing else { throw Problem(.notFound) }
                return Reply(
                    .ok,
                    .text(Badge.picture(name, standing), mediaType: "image/svg+xml"),
                    headers: [.cacheControl: "public, max-age=60"]
                )
            }
        ),
    ]

    static func standing(_ row: Row) throws -> JobStanding {
        JobStanding(
            state: try row.get("state", as: String?.self),
            isAcknowledged: try row.get("acknowledged_at", as: Timestamp?.self) != nil,
            isLate: try row.get("late_by", as: Int64?.self) != nil,
            isPaused: try row.get("paused_since", as: Timestamp?.self) != nil
        )
    }

    private static func job(_ row: Row, _ server: ServerParts) throws -> JSONValue {
        let since = try row.get("paused_since", as: Timestamp?.self)
        let pause: JSONValue =
            if let since {
                .object([
                    ("since", .time(since)), ("until", .time(try row.get("paused_until"))),
                    ("by", .string(try row.get("paused_by"))), ("why", .string(try row.get("paused_why"))),
                ])
            } else {
                .null
            }
        let late = try row.get("late_by", as: Int64?.self).map { JSONValue.number(Double($0) / 1_000_000) }
        let name = try row.get("job", as: String.self)
        let runs = try row.get("recent", as: String?.self).map {
            try JSONInput(parsing: $0).json
        }
        return .object([
            ("job", .string(name)), ("standing", .string(try standing(row).rawValue)),
            ("run_id", .optional(try row.get("run_id"))),
            ("state", .optional(try row.get("state"))), ("started_at", .time(try row.get("started_at"))),
            ("finished_at", .time(try row.get("finished_at"))), ("exit_status", .whole(try row.get("exit_status"))),
            ("error", .optional(try row.get("error"))), ("succeeded_at", .time(try row.get("succeeded_at"))),
            ("next_slot", .time(try row.get("next_slot"))), ("late_by", late ?? .null), ("paused", pause),
            ("p50", try row.get("p50", as: Double?.self).map { .number($0) } ?? .null),
            ("p95", try row.get("p95", as: Double?.self).map { .number($0) } ?? .null),
            ("acknowledged", try RunEndpoints.acknowledged(row)), ("recent", runs ?? .array([])),
            ("badge", .string(server.publicURL + Badge.path(of: name, server.secret))),
        ])
    }
}
