import CygniAccess
import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdCore
import JobBook

/// The runs, one of them with its report and its log, the log as it grows, and that somebody has seen a failure.
enum RunPages {
    private static let statements = ServerStatements.pages

    static let all: [PageRoute] = [
        .get("/runs", .platform(.jobsRead), list),
        .get("/runs/{id}", .platform(.jobsRead), one),
        .get("/runs/{id}/log", .platform(.jobsRead), tail),
        .post("/runs/{id}/acknowledge", .platform(.jobsWrite), acknowledge),
    ]

    private struct ListContent: Sendable {
        let runs: [RunRowView]
        let jobOptions: [OptionView]
        let stateOptions: [OptionView]
        let nextHref: String?
        let isFiltered: Bool
    }

    private static func list(_ call: PageCall) async throws -> PageReply {
        let (job, state) = (call.query("job"), call.query("state", of: RunEndpoints.states))
        let cursor = try call.cursor("/runs", [job, state])
        let now = call.now
        let (rows, jobs) = try await call.server.database.platform(isReading: true) { session in
            (
                try session.query(
                    statements["runs"],
                    cursor?.time ?? Page.end,
                    cursor?.id ?? Page.lastID,
                    job,
                    state,
                    ListPart<RunRowView>.size + 1
                ).map { try RunRowView($0, now: now) },
                try session.query(statements["known_jobs"]).map { try $0.get("job", as: String.self) }
            )
        }
        let part = ListPart(rows, cursor: \.cursor)
        let words = [state.map { $0.replacing("_", with: " ") }, "runs", job.map { "of \($0)" }].compactMap(\.self)
        let title = words.joined(separator: " ")
        return .page(
            PageView(
                template: "runs",
                title: title.prefix(1).uppercased() + title.dropFirst(),
                content: ListContent(
                    runs: part.items,
                    jobOptions: PageCall.options(jobs, chosen: job),
                    stateOptions: PageCall.options(RunEndpoints.states, chosen: state),
                    nextHref: call.next("/runs", [("job", job), ("state", state)], part.last),
                    isFiltered: job != nil || state != nil
                )
            )
        )
    }

    private static func one(_ call: PageCall) async throws -> PageReply {
        let id = try call.id()
        let now = call.now
        let mayWrite = call.session?.principal.may(.jobsWrite) == true
        let notice = call.notice
        let found = try await call.server.database.platform(isReading: true) { session -> RunView? in
            guard let row = try session.query(statements["run"], id).first else { return nil }
            // The piece first: what comes later is in both, and the page leaves it out.
            let piece = try session.query(statements["last_piece"], id)[0].get("piece", as: Int.self)
            let log = try RunRecord.log(of: id, in: session)
            return try RunView(row, log: log, piece: piece, mayWrite: mayWrite, notice: notice, now: now)
        }
        guard let found else { throw Problem(.notFound, "there is no run \(id.text)") }
        return .page(
            PageView(template: "run", title: "\(found.state.stateWord): \(found.jobName)", content: found)
        )
    }

    private static func tail(_ call: PageCall) async throws -> PageReply {
        let given = call.request.headers[.lastEventID] ?? call.query("after") ?? "0"
        guard let seen = Int(given), seen >= 0 else { throw Problem(.invalidRequest, "after must be a number") }
        return .plain(try await LogTail(run: call.id(), call.server).reply(after: seen))
    }

    private static func acknowledge(_ call: PageCall) async throws -> PageReply {
        let id = try call.id()
        let why = try call.text("why")
        let (actor, details) = (call.actor, call.origin)
        let outcome = try await call.server.database.platform { session in
            try AcknowledgementBook.acknowledge(id, why: why, by: actor, details: details, in: session)
        }
        switch outcome {
        case .noSuchRun: throw Problem(.notFound)
        case .needless: throw Problem(.conflict, "the run is under way or ended well: there is nothing to acknowledge")
        case .stands: return .redirect("/runs/\(id.text)?done=\(Notice.acknowledged.rawValue)")
        }
    }
}
