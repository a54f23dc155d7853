import CygniAccess
import CygniJobs
import CygniModel
import CygniPostgres
import Foundation
import HTTPTypes
import JobBook

/// What an operator asks of a job, and does with it: why, pause, resume, what is expected of it.
enum JobActionEndpoints {
    private static let statements = ServerStatements.operations
    private static let job = APIOperation.Parameter(
        "job",
        .path,
        .text(1...63, pattern: "[a-z][a-z0-9_-]*"),
        "The job's name, as in metrics-rollup."
    )
    private static let slotStates = [
        "expected", "never started", "overdue", "running", "succeeded", "partial", "failed", "timed_out", "stopped",
        "lost",
    ]

    private static let pause = Schema.named(
        "Pause",
        .object([
            .init("job", .text, ""), .init("new", .boolean, "Whether it is this request's."),
            .init("since", .time, ""), .init("until", .nullable(.time), ""),
            .init("actor", .text, "Who paused the job."), .init("why", .text(0...10_000), ""),
        ])
    )

    private static let expectation = Schema.named(
        "Expectation",
        .object([
            .init("job", .text, ""), .init("slot", .time, "When its schedule was or is due."),
            .init("start_by", .time, "A run that has not started by then is late."),
            .init("finish_by", .time, "A run that has not ended by then is overdue."),
            .init("state", .choice(slotStates), "never started: no run came for it."),
            .init("run_id", .nullable(.uuid), ""), .init("host", .nullable(.text), ""),
        ])
    )

    static let all = [
        APIOperation(
            id: "pauseJob",
            method: .post,
            path: "/v2/jobs/{job}/pause",
            area: .jobs,
            summary: "Let no schedule start a job, on any host, until it is resumed",
            detail: "A run that is under way goes on; a run by hand is not stopped.",
            access: .platform(.jobsWrite),
            parameters: [job],
            body: .json(
                .object([
                    .init("why", .text(1...1000), "What the next person on call should know."),
                    .init(
                        "minutes",
                        .integer(1...525_600),
                        "Until it ends by itself; never if not given.",
                        optional: true
                    ),
                ]),
                "The reason."
            ),
            answers: [.init(.ok, "The pause that stands now.", pause)],
            problems: [.conflict],
            handler: .any { call in
                let job = try known(call).name
                let why = call.arguments.body?["why"]?.text ?? ""
                let length = call.arguments.body?["minutes"]?.int.map { Int64($0) * 60_000_000 }
                let (actor, details) = (call.actor, call.origin)
                let (pause, isNew) = try await call.server.database.platform { session in
                    try PauseBook.pause(job, for: length, why: why, by: actor, details: details, in: session)
                }
                return .json(pause.json(job, isNew))
            }
        ),
        APIOperation(
            id: "runJob",
            method: .post,
            path: "/v2/jobs/{job}/run",
            area: .jobs,
            summary: "Run a job now, on the server's host",
            detail:
                "A pause does not stop it. The run goes on when the server ends, and no two runs of a job are at it at once.",
            access: .platform(.jobsWrite),
            parameters: [job],
            answers: [
                .init(
                    .accepted,
                    "It has started, or will as soon as it gets the job's lock; Location leads to it.",
                    .object([.init("job", .text, ""), .init("run_id", .uuid, "")])
                )
            ],
            problems: [.conflict],
            isHeavy: true,
            handler: .any(run)
        ),
        APIOperation(
            id: "resumeJob",
            method: .post,
            path: "/v2/jobs/{job}/resume",
            area: .jobs,
            summary: "End the pause of a job; its schedule starts it again from the next slot",
            access: .platform(.jobsWrite),
            parameters: [job],
            answers: [.init(.ok, "The pause that has ended; null: none stood.", .nullable(pause))],
            problems: [.conflict],
            isHeavy: true,
            handler: .any { call in
                let job = try known(call).name
                let (actor, details) = (call.actor, call.origin)
                let ended = try await call.server.database.platform { session in
                    try PauseBook.resume(job, by: actor, details: details, in: session)
                }
                return .json(ended?.json(job, false) ?? .null)
            }
        ),
        APIOperation(
            id: "whyJob",
            method: .get,
            path: "/v2/jobs/{job}/why",
            area: .jobs,
            summary: "Why a job did not run, or what became of its run",
            access: .platform(.jobsRead),
            parameters: [
                job,
                .init(
                    "at",
                    .query,
                    .time,
                    "The moment at which it should have run; the newest slot of its schedule if not given."
                ),
            ],
            answers: [
                .init(
                    .ok,
                    "One answer, and what to do.",
                    .object([
                        .init("job", .text, ""), .init("slot", .nullable(.time), ""),
                        .init("answer", .choice(WhyAnswer.Code.allCases.map(\.rawValue)), "Stable, to be compared."),
                        .init("words", .text(0...100_000), ""), .init("next", .nullable(.text(0...10_000)), ""),
                    ])
                )
            ],
            problems: [.conflict],
            isHeavy: true,
            handler: .any(why)
        ),
        APIOperation(
            id: "listExpectations",
            method: .get,
            path: "/v2/expectations",
            area: .jobs,
            summary: "What schedules imply and what came of it, newest first",
            access: .platform(.jobsRead),
            parameters: [
                .init("job", .query, .text(1...63), "Only this job's."),
                .init("state", .query, .choice(slotStates), "Only those in this state."),
                .init("limit", .query, .integer(1...1000), "How many at most; 100 if not given."),
            ],
            answers: [.init(.ok, "Slots.", .array(expectation, count: 0...1000))],
            handler: .any { call in
                let arguments = call.arguments
                let found = try await call.server.database.platform(isReading: true) { session in
                    try session.query(
                        statements["expectations"],
                        arguments.text("job"),
                        arguments.text("state"),
                        arguments.query["limit"]?.int ?? 100
                    ).map(expectation)
                }
                return .json(.array(found))
            }
        ),
    ]

    /// The job that the path names, when there is one.
    private static func known(_ call: Call) throws -> KnownJob {
        try call.server.knownJob(call.arguments.path["job"]?.text ?? "")
    }

    private static func run(_ call: Call) async throws -> Reply {
        let now = RunNow(
            job: try known(call),
            actor: call.actor,
            origin: call.origin,
            server: call.server,
            logger: call.logger
        )
        let id = try await now.start()
        let text = id.text
        return .json(
            .object([("job", call.arguments.path["job"]?.json ?? .null), ("run_id", .string(text))]),
            .accepted,
            headers: [.location: "/v2/runs/\(text)"]
        )
    }

    private static func why(_ call: Call) async throws -> Reply {
        let job = try known(call)
        let at = call.arguments.text("at")
        let facts = try await call.server.database.platform(isReading: true) { session in
            try WhyReader(job: job, at: at).facts(session)
        }
        let answer = WhyAnswer(facts)
        return .json(
            .object([
                ("job", .string(job.name)), ("slot", .time(facts.slot)), ("answer", .string(answer.code.rawValue)),
                ("words", .string(answer.words)), ("next", .optional(answer.next)),
            ])
        )
    }

    private static func expectation(_ row: Row) throws -> JSONValue {
        .object([
            ("job", .string(try row.get("job"))), ("slot", .time(try row.get("slot", as: Timestamp.self))),
            ("start_by", .time(try row.get("start_by", as: Timestamp.self))),
            ("finish_by", .time(try row.get("finish_by", as: Timestamp.self))),
            ("state", .string(try row.get("state"))), ("run_id", .optional(try row.get("run_id"))),
            ("host", .optional(try row.get("host"))),
        ])
    }
}
