import CygniAccess
import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes

/// Jobs and their runs, for those who run the platform.
enum JobEndpoints {
    private static let statements = ServerStatements.operations
    private static let states = ["running", "succeeded", "partial", "failed", "timed_out", "stopped", "lost"]

    private static let run = Schema.named(
        "Run",
        .object([
            .init("id", .uuid, ""), .init("job", .text, ""), .init("state", .choice(states), ""),
            .init("trigger", .text, "What started it: cron, manual, ci, cycle …"), .init("host", .text, ""),
            .init("slot", .nullable(.time), "The moment of the schedule it was for."),
            .init("started_at", .time, ""), .init("finished_at", .nullable(.time), ""),
            .init("exit_status", .nullable(.integer(0...255)), ""), .init("attempt", .integer(1...Int(Int32.max)), ""),
            .init("error", .nullable(.text(0...1_000_000)), ""), .init("counts", .map(.any), "What it counted."),
        ])
    )

    private static let job = Schema.named(
        "Job",
        .object([
            .init("job", .text, ""),
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
                    try session.query(statements["jobs"]).map(job)
                }
                return .json(.array(jobs))
            }
        ),
        APIOperation(
            id: "listRuns",
            method: .get,
            path: "/v2/runs",
            area: .jobs,
            summary: "List runs, newest first",
            access: .platform(.jobsRead),
            parameters: Page.parameters + [
                .init("job", .query, .text(1...63), "Only this job's."),
                .init("state", .query, .choice(states), "Only those in this state."),
                .init("host", .query, .text(1...255), "Only those on this host."),
            ],
            answers: [.init(.ok, "A page.", Page.schema(of: run))],
            handler: .any { call in
                let page = try Page(call)
                let arguments = call.arguments
                let items = try await call.server.database.platform(isReading: true) { session in
                    try session.query(
                        statements["runs"],
                        page.before,
                        page.beforeID,
                        arguments.text("job"),
                        arguments.text("state"),
                        arguments.text("host"),
                        page.fetched
                    ).map(run)
                }
                return page.reply(items, call)
            }
        ),
        APIOperation(
            id: "getRun",
            method: .get,
            path: "/v2/runs/{id}",
            area: .jobs,
            summary: "One run",
            access: .platform(.jobsRead),
            parameters: [.init("id", .path, .uuid, "The run's id.")],
            answers: [.init(.ok, "The run.", run)],
            handler: .any { call in
                let id = try call.arguments.id()
                let found = try await call.server.database.platform(isReading: true) { session in
                    try session.query(statements["run"], id).first.map { try run($0).0 }
                }
                guard let found else { throw Problem(.notFound) }
                return .json(found)
            }
        ),
    ]

    private static func run(_ row: Row) throws -> (JSONValue, Cursor) {
        let id = try row.get("id", as: String.self)
        let started = try row.get("started_at", as: Timestamp.self)
        let counts = try JSONDecoder().decode(JSONInput.self, from: Data(try row.get("counts", as: String.self).utf8))
        let json = JSONValue.object([
            ("id", .string(id)), ("job", .string(try row.get("job"))), ("state", .string(try row.get("state"))),
            ("trigger", .string(try row.get("trigger"))), ("host", .string(try row.get("host"))),
            ("slot", .time(try row.get("slot"))), ("started_at", .time(started)),
            ("finished_at", .time(try row.get("finished_at"))), ("exit_status", .whole(try row.get("exit_status"))),
            ("attempt", .integer(Int(try row.get("attempt", as: Int32.self)))),
            ("error", .optional(try row.get("error"))),
            ("counts", counts.json),
        ])
        return (json, Cursor(time: started, id: id))
    }

    private static func job(_ row: Row) throws -> JSONValue {
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
        return .object([
            ("job", .string(try row.get("job"))), ("run_id", .optional(try row.get("run_id"))),
            ("state", .optional(try row.get("state"))), ("started_at", .time(try row.get("started_at"))),
            ("finished_at", .time(try row.get("finished_at"))), ("exit_status", .whole(try row.get("exit_status"))),
            ("error", .optional(try row.get("error"))), ("succeeded_at", .time(try row.get("succeeded_at"))),
            ("next_slot", .time(try row.get("next_slot"))), ("late_by", late ?? .null), ("paused", pause),
            ("p50", try row.get("p50", as: Double?.self).map { .number($0) } ?? .null),
            ("p95", try row.get("p95", as: Double?.self).map { .number($0) } ?? .null),
        ])
    }
}

extension JSONValue {
    static func whole(_ number: Int32?) -> JSONValue { number.map { .integer(Int($0)) } ?? .null }
}
