import CygniAccess
import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes
import PreviewReaping

/// A tenant's deployments: list, one, pin, bring back.
enum DeploymentEndpoints {
    private static let statements = ServerStatements.tenantThings
    private static let states = ["queued", "building", "ready", "failed", "cancelled", "reaping", "reaped"]
    private static let id = APIOperation.Parameter("id", .path, .uuid, "The deployment's id.")

    static let shape = Schema.named(
        "Deployment",
        .object([
            .init("id", .uuid, ""),
            .init("project_id", .uuid, ""),
            .init("kind", .choice(["production", "preview"]), ""),
            .init("branch", .nullable(.text), "What it was built from."),
            .init("pull_request", .nullable(.integer(1...Int(Int32.max))), "The pull request that it previews."),
            .init("commit_sha", .nullable(.text), ""),
            .init("state", .choice(states), "reaping: a preview that is about to go."),
            .init("pinned", .boolean, "Whether it stays whatever the rules say."),
            .init("expires_at", .nullable(.time), ""),
            .init("created_at", .time, ""),
            .init("ready_at", .nullable(.time), ""),
            .init("last_active_at", .nullable(.time), ""),
        ])
    )

    static let all = [
        APIOperation(
            id: "listDeployments",
            method: .get,
            path: "/v2/deployments",
            area: .deployments,
            summary: "List deployments, newest first",
            access: .tenant(.deploymentsRead),
            rate: .reads,
            parameters: Page.parameters + [
                .init("project", .query, .uuid, "Only this project's."),
                .init("kind", .query, .choice(["production", "preview"]), "Only these."),
                .init("state", .query, .choice(states), "Only those in this state."),
            ],
            answers: [.init(.ok, "A page.", Page.schema(of: shape))],
            handler: .any(list)
        ),
        APIOperation(
            id: "getDeployment",
            method: .get,
            path: "/v2/deployments/{id}",
            area: .deployments,
            summary: "One deployment",
            access: .tenant(.deploymentsRead),
            rate: .reads,
            parameters: [id],
            answers: [.init(.ok, "The deployment.", shape)],
            handler: .any { call in
                let id = try call.arguments.id()
                let found = try await call.server.database.read(
                    call.tenant,
                    statements["deployment"],
                    binds: [id],
                    isPlannedOnce: true
                ) {
                    try $0.first.map(item)
                }
                guard let found else { throw Problem(.notFound) }
                return .json(found.0)
            }
        ),
        APIOperation(
            id: "pinDeployment",
            method: .post,
            path: "/v2/deployments/{id}/pin",
            area: .deployments,
            summary: "Keep a deployment whatever the rules say, or no longer",
            access: .tenant(.deploymentsWrite),
            rate: .writes,
            parameters: [id],
            body: .json(.object([.init("pinned", .boolean, "")]), "Whether it is to be kept."),
            answers: [.init(.ok, "The deployment as it is now.", shape)],
            isIdempotent: true,
            handler: .change(pin)
        ),
        APIOperation(
            id: "restoreDeployment",
            method: .post,
            path: "/v2/deployments/{id}/restore",
            area: .deployments,
            summary: "Bring back a preview that is about to go",
            detail: "Possible while nothing of it has been deleted.",
            access: .tenant(.deploymentsWrite),
            rate: .writes,
            parameters: [id],
            answers: [.init(.ok, "The deployment as it is now.", shape)],
            problems: [.conflict],
            isIdempotent: true,
            handler: .change(restore)
        ),
        APIOperation(
            id: "listDeploymentsV1",
            method: .get,
            path: "/v1/deployments",
            area: .deployments,
            summary: "The newest 100 deployments",
            detail: "As it was before lists had pages.",
            access: .tenant(.deploymentsRead),
            rate: .reads,
            answers: [.init(.ok, "All at once.", .array(shape, count: 0...100))],
            deprecation: .init(since: 1_795_651_200, sunset: 1_827_187_200, successor: "/v2/deployments"),
            handler: .any { call in
                let binds: [(any PostgresBindable)?] = [
                    Page.end, Page.lastID, nil as UUID?, nil as String?, nil as String?, 100,
                ]
                return .json(
                    .array(
                        try await call.server.database.read(call.tenant, statements["list_deployments"], binds: binds) {
                            try $0.map { try item($0).0 }
                        }
                    )
                )
            }
        ),
    ]

    private static func list(_ call: Call) async throws -> Reply {
        let page = try Page(call)
        let arguments = call.arguments
        let items = try await call.server.database.read(
            call.tenant,
            statements["list_deployments"],
            binds: [
                page.before, page.beforeID, arguments.uuid("project"), arguments.text("kind"), arguments.text("state"),
                page.fetched,
            ],
            // A project's have an index of their own.
            isPlannedOnce: arguments.text("project") == nil
        ) { try $0.map(item) }
        return page.reply(items, call)
    }

    private static func pin(_ call: Call, _ session: Session) throws -> Reply {
        let id = try call.arguments.id()
        let pinned = call.arguments.body?["pinned"]?.flag ?? false
        guard let row = try session.query(statements["pin_deployment"], id, pinned).first else {
            throw Problem(.notFound)
        }
        try call.record(
            pinned ? "deployment.pin" : "deployment.unpin",
            "deployment:\(id.text)",
            before: .object([("pinned", .bool(try row.get("was_pinned")))]),
            after: .object([("pinned", .bool(pinned))]),
            in: session
        )
        return .json(try item(session.query(statements["deployment"], id)[0]).0)
    }

    private static func restore(_ call: Call, _ session: Session) throws -> Reply {
        let id = try call.arguments.id()
        let state: String
        switch try PreviewRestoring.restore(id, in: session) {
        case .restored(_, let now): state = now
        case .impossible(let why): throw Problem(.conflict, why)
        case .noSuchPreview: throw Problem(.notFound)
        }
        try call.record(
            "deployment.restore",
            "deployment:\(id.text)",
            before: .object([("state", .string("reaping"))]),
            after: .object([("state", .string(state))]),
            in: session
        )
        return .json(try item(session.query(statements["deployment"], id)[0]).0)
    }

    private static func item(_ row: Row) throws -> (JSONValue, Cursor) {
        (try row.json(), Cursor(time: try row.get("created_at"), id: try row.get("id")))
    }
}
