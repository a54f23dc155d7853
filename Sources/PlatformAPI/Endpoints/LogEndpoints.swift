import CygniAccess
import CygniLog
import CygniModel
import FoundationEssentials
import HTTPTypes

/// A tenant's log lines.
enum LogEndpoints {
    private static let most = 1000

    private static let line = Schema.named(
        "LogLine",
        .object([
            .init("ts", .time, ""),
            .init("project_id", .uuid, ""),
            .init("deployment_id", .nullable(.uuid), ""),
            .init("level", .text(0...IngestBounds.level), ""),
            .init("message", .text(0...Int(Int32.max)), ""),
            .init("fields", .nullable(.map(.any)), ""),
        ])
    )

    static let all = [
        APIOperation(
            id: "listLogs",
            method: .get,
            path: "/v2/logs",
            area: .logs,
            summary: "List log lines, newest first",
            detail: """
                Recent ones come from the database and old ones from the archive, as one list. A page may have fewer lines than asked \
                for, or none, and lead on: a page without next_cursor is the last. An archive that cannot be read is a problem, and \
                nothing is left out for it.
                """,
            access: .tenant(.logsRead),
            rate: .reads,
            parameters: Page.parameters(most: most, usual: 100) + [
                .init("project", .query, .uuid, "Only this project's."),
                .init("deployment", .query, .uuid, "Only this deployment's."),
                .init("level", .query, .text(1...IngestBounds.level), "Only of this level, as it was written."),
                .init("text", .query, .text(1...200), "Only with this in the message or the fields, capitals and all."),
                .init("from", .query, .time, "A day before to, if not given."),
                .init("to", .query, .time, "Not included; now, if not given."),
            ],
            answers: [.init(.ok, "A page.", Page.schema(of: line, most: most))],
            problems: [.archiveUnreadable],
            isHeavy: true,
            handler: .any(list)
        )
    ]

    private static func list(_ call: Call) async throws -> Reply {
        let arguments = call.arguments
        let page = try Page(call, usual: 100)
        let start = try start(call, page)
        let search = LogSearch(
            call: call,
            tenant: try call.tenant,
            filter: LogFilter(
                project: arguments.text("project")?.lowercased(),
                deployment: arguments.text("deployment")?.lowercased(),
                level: arguments.text("level"),
                text: arguments.text("text")
            ),
            from: start.from,
            limit: page.limit
        )
        let found = try await search.page(start)
        return page.reply(found.lines.map(\.json), next: found.next?.cursor, call)
    }

    private static func start(_ call: Call, _ page: Page) throws -> LogCursor {
        if let cursor = page.cursor {
            guard let start = LogCursor(cursor) else { throw Problem(.invalidCursor) }
            return start
        }
        let to = call.arguments.time("to") ?? .wallClock() + .microseconds(1)
        let from = call.arguments.time("from") ?? to - .days(1)
        guard from < to else { throw Problem(.invalidRequest, faults: [.init("query/to", "must be after from")]) }
        return LogCursor(place: LogPlace(time: to - .microseconds(1), digest: LogSearch.last), skip: 0, from: from)
    }
}
