import CygniAccess
import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes
import JobBook

/// Runs of jobs: the list, one with its report and its log, the log as it grows, and that somebody has seen a failure.
enum RunEndpoints {
    private static let statements = ServerStatements.operations
    static let states = ["running", "succeeded", "partial", "failed", "timed_out", "stopped", "lost"]
    private static let id = APIOperation.Parameter("id", .path, .uuid, "The run's id.")

    private static let members: [Schema.Member] = [
        .init("id", .uuid, ""), .init("job", .text, ""), .init("state", .choice(states), ""),
        .init("trigger", .text, "What started it: cron, manual, ci, cycle …"), .init("host", .text, ""),
        .init("slot", .nullable(.time), "The moment of the schedule it was for."),
        .init("started_at", .time, ""), .init("finished_at", .nullable(.time), ""),
        .init("exit_status", .nullable(.integer(0...255)), ""), .init("attempt", .integer(1...Int(Int32.max)), ""),
        .init("error", .nullable(.text(0...1_000_000)), ""), .init("counts", .map(.any), "What it counted."),
    ]

    static let acknowledgement = Schema.object([
        .init("at", .time, ""), .init("actor", .text(0...10_000), ""), .init("why", .text(0...10_000), ""),
    ])

    private static let whole = Schema.named(
        "RunWithLog",
        .object(
            members + [
                .init("acknowledged", .nullable(acknowledgement), "Who has seen that it did not end well."),
                .init("report", .nullable(.map(.any)), "What it printed when it ended; null: it has not, or long ago."),
                .init("log", .text(0...(1 << 20)), "The last 64 KiB of what it logged, a JSON object a line."),
            ]
        )
    )

    static let all = [
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
            answers: [.init(.ok, "A page.", Page.schema(of: .named("Run", .object(members))))],
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
                    ).map { row in (JSONValue.object(try run(row)), try cursor(row)) }
                }
                return page.reply(items, call)
            }
        ),
        APIOperation(
            id: "getRun",
            method: .get,
            path: "/v2/runs/{id}",
            area: .jobs,
            summary: "One run, with its report and the end of its log",
            detail: "Report and log are kept for 30 days.",
            access: .platform(.jobsRead),
            parameters: [id],
            answers: [.init(.ok, "The run.", whole)],
            handler: .any { call in
                let id = try call.arguments.id()
                let found = try await call.server.database.platform(isReading: true) { session in
                    try session.query(statements["run"], id).first.map { row in
                        let report = try row.get("report", as: String?.self).map(JSONInput.init(parsing:))
                        return try run(row) + [
                            ("acknowledged", try acknowledged(row)), ("report", report?.json ?? .null),
                            ("log", .string(try RunRecord.log(of: id, in: session))),
                        ]
                    }
                }
                guard let found else { throw Problem(.notFound) }
                return .json(.object(found))
            }
        ),
        APIOperation(
            id: "watchRun",
            method: .get,
            path: "/v2/runs/{id}/log",
            area: .jobs,
            summary: "A run's log as it grows, until it ends",
            detail: "Server-sent events: log with lines of JSON, and at the end one named end with the run's state. "
                + "Last-Event-ID goes on where a lost connection was.",
            access: .platform(.jobsRead),
            parameters: [
                id,
                .init(
                    "Last-Event-ID",
                    .header,
                    .text(1...19, pattern: "[0-9]+"),
                    "The id of the last event that came."
                ),
            ],
            answers: [.init(.ok, "Events.", .text(0...10_000_000), mediaType: "text/event-stream")],
            handler: .any { call in
                let id = try call.arguments.id()
                let seen = call.arguments.headers["Last-Event-ID"]?.text.flatMap { Int($0) } ?? 0
                return try await LogTail(run: id, call.server).reply(after: seen)
            }
        ),
        APIOperation(
            id: "acknowledgeRun",
            method: .post,
            path: "/v2/runs/{id}/acknowledge",
            area: .jobs,
            summary: "Say that somebody has seen to a run that did not end well",
            detail: "Its job then no longer stands as failing. The first to do so stays on record.",
            access: .platform(.jobsWrite),
            parameters: [id],
            body: .json(.object([.init("why", .text(0...1000), "What came of it.")]), "What there is to say."),
            answers: [
                .init(
                    .ok,
                    "The acknowledgement that stands.",
                    .object([
                        .init("at", .time, ""), .init("actor", .text(0...10_000), ""),
                        .init("why", .text(0...10_000), ""),
                        .init("new", .boolean, "Whether it is this request's."),
                    ])
                )
            ],
            problems: [.conflict],
            handler: .any(acknowledge)
        ),
    ]

    private static func acknowledge(_ call: Call) async throws -> Reply {
        let id = try call.arguments.id()
        let (actor, details) = (call.actor, call.origin)
        let why = call.arguments.body?["why"]?.text ?? ""
        let outcome = try await call.server.database.platform { session in
            try AcknowledgementBook.acknowledge(id, why: why, by: actor, details: details, in: session)
        }
        switch outcome {
        case .noSuchRun: throw Problem(.notFound)
        case .needless("running"): throw Problem(.conflict, "the run is under way")
        case .needless: throw Problem(.conflict, "the run ended well, there is nothing to acknowledge")
        case .stands(let acknowledgement, let isNew):
            return .json(.object(acknowledgement.members + [("new", .bool(isNew))]))
        }
    }

    static func acknowledged(_ row: Row) throws -> JSONValue {
        guard let at = try row.get("acknowledged_at", as: Timestamp?.self) else { return .null }
        return .object([
            ("at", .time(at)), ("actor", .string(try row.get("acknowledged_by"))),
            ("why", .string(try row.get("acknowledged_why"))),
        ])
    }

    private static func cursor(_ row: Row) throws -> Cursor {
        Cursor(time: try row.get("started_at"), id: try row.get("id"))
    }

    private static func run(_ row: Row) throws -> [(name: String, value: JSONValue)] {
        let counts = try JSONInput(parsing: row.get("counts"))
        return [
            ("id", .string(try row.get("id"))), ("job", .string(try row.get("job"))),
            ("state", .string(try row.get("state"))),
            ("trigger", .string(try row.get("trigger"))), ("host", .string(try row.get("host"))),
            ("slot", .time(try row.get("slot"))), ("started_at", .time(try row.get("started_at", as: Timestamp.self))),
            ("finished_at", .time(try row.get("finished_at"))), ("exit_status", .whole(try row.get("exit_status"))),
            ("attempt", .integer(Int(try row.get("attempt", as: Int32.self)))),
            ("error", .optional(try row.get("error"))),
            ("counts", counts.json),
        ]
    }
}

extension JSONValue {
    static func whole(_ number: Int32?) -> JSONValue { number.map { .integer(Int($0)) } ?? .null }
}
