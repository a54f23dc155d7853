import CygniAccess
import CygniModel
import CygniPostgres
import FoundationEssentials
import JobBook

/// The jobs, one of them, and what an operator does with it.
enum JobPages {
    private static let statements = ServerStatements.pages

    static let all: [PageRoute] = [
        .get("/jobs", .platform(.jobsRead), list),
        .get("/jobs/{job}", .platform(.jobsRead), one),
        .post("/jobs/{job}/pause", .platform(.jobsWrite), pause),
        .post("/jobs/{job}/resume", .platform(.jobsWrite), resume),
        .post("/jobs/{job}/run", .platform(.jobsWrite), run),
    ]

    private struct ListContent: Sendable {
        let jobs: [JobView]
        let notice: String?
    }

    private struct MissedSlot: Sendable {
        let slotTime: TimeView
        let state: StateView
    }

    private struct OneContent: Sendable {
        let job: JobView
        let why: WhyView?
        let missed: [MissedSlot]
        let runs: [RunRowView]
        let allRunsHref: String
        let mayRun: Bool
        let isPaused: Bool
        let mayWrite: Bool
        let badgePath: String
        let notice: String?
    }

    /// The answer to why it did not run.
    private struct WhyView: Sendable {
        let whyWords: String
        let whyNext: String?
        let whySlot: TimeView?
    }

    private static func list(_ call: PageCall) async throws -> PageReply {
        let jobs = try await call.server.database.platform(isReading: true) { try JobFacts.all(in: $0) }
        let here = call.server.jobsHere
        let bad = jobs.count(where: \.standing.isTrouble)
        return .page(
            PageView(
                template: "jobs",
                title: bad == 0 ? "Jobs" : "\(bad) of \(jobs.count) jobs need you",
                content: ListContent(
                    jobs: jobs.map { JobView($0.expected(by: here, now: call.now), now: call.now) },
                    notice: call.notice
                )
            )
        )
    }

    private static func one(_ call: PageCall) async throws -> PageReply {
        let (name, now) = (call.path("job"), call.now)
        // A job whose file is wrong or on another host still has its runs.
        let known = try? call.server.knownJob(name)
        let found = try await call.server.database.platform(isReading: true) { session in
            (
                job: try JobFacts.all(name, in: session).first,
                why: try known.map { try WhyReader(job: $0, at: nil).facts(session) },
                missed: try session.query(statements["missed_slots"], name).map { row in
                    let isOverdue = try row.get("state", as: String.self) == "overdue"
                    return MissedSlot(
                        slotTime: TimeView(try row.get("slot", as: Timestamp.self), now: now),
                        state: isOverdue ? StateView("overdue", .bad) : StateView("never started", .warn)
                    )
                },
                runs: try session.query(statements["runs"], Page.end, Page.lastID, name, String?.none, 15)
                    .map { try RunRowView($0, now: now) }
            )
        }
        guard let job = found.job else { throw Problem(.notFound, "no job '\(name)' has ever run or is expected") }
        let answer = found.why.map(WhyAnswer.init)
        return .page(
            PageView(
                template: "job",
                title: "\(job.standing.rawValue): \(name)",
                content: OneContent(
                    job: JobView(job.expected(by: call.server.jobsHere, now: now), now: now),
                    why: answer.map {
                        WhyView(whyWords: $0.words, whyNext: $0.next, whySlot: TimeView(found.why?.slot, now: now))
                    },
                    missed: found.missed,
                    runs: found.runs,
                    allRunsHref: "/runs?job=\(name)",
                    mayRun: known != nil && name != "migrate",
                    isPaused: job.pause != nil,
                    mayWrite: known != nil && call.session?.principal.may(.jobsWrite) == true,
                    badgePath: Badge.path(of: name, call.server.secret),
                    notice: call.notice
                )
            )
        )
    }

    private static func pause(_ call: PageCall) async throws -> PageReply {
        let job = try call.server.knownJob(call.path("job")).name
        let why = try call.text("why")
        guard !why.isEmpty else { throw Problem(.invalidRequest, "Say why, for the next person on call.") }
        let hours = call.form["hours", default: ""]
        var length: Int64?
        if !hours.isEmpty {
            guard let number = Int64(hours), (1...8760).contains(number) else {
                throw Problem(.invalidRequest, "Hours must be a whole number from 1 to 8760, or empty for no end.")
            }
            length = number * 3_600_000_000
        }
        let (actor, details, until) = (call.actor, call.origin, length)
        let (_, isNew) = try await call.server.database.platform { session in
            try PauseBook.pause(job, for: until, why: why, by: actor, details: details, in: session)
        }
        return done(job, isNew ? .paused : .alreadyPaused)
    }

    private static func resume(_ call: PageCall) async throws -> PageReply {
        let job = try call.server.knownJob(call.path("job")).name
        let (actor, details) = (call.actor, call.origin)
        let ended = try await call.server.database.platform { session in
            try PauseBook.resume(job, by: actor, details: details, in: session)
        }
        return done(job, ended == nil ? .notPaused : .resumed)
    }

    private static func run(_ call: PageCall) async throws -> PageReply {
        let now = RunNow(
            job: try call.server.knownJob(call.path("job")),
            actor: call.actor,
            origin: call.origin,
            server: call.server,
            logger: call.logger
        )
        let id = try await now.start()
        return .redirect("/runs/\(id.text)?done=\(Notice.started.rawValue)")
    }

    private static func done(_ job: String, _ notice: Notice) -> PageReply {
        .redirect("/jobs/\(job)?done=\(notice.rawValue)")
    }
}
