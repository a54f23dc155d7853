import CygniAccess
import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes

/// The keys of a tenant's machines.
enum KeyEndpoints {
    private static let shape = Schema.named(
        "Key",
        .object([
            .init("id", .uuid, ""), .init("name", .text, ""), .init("hint", .text, "How the key begins."),
            .init("role", .text, "What it may do at most."),
            .init("scopes", .nullable(.array(.text, count: 0...100)), "The permissions it has; null: all of its role."),
            .init("created_at", .time, ""), .init("created_by", .text, ""), .init("expires_at", .nullable(.time), ""),
            .init("last_used_at", .nullable(.time), "To the minute or so."), .init("revoked_at", .nullable(.time), ""),
        ])
    )

    static let all = [
        APIOperation(
            id: "listKeys",
            method: .get,
            path: "/v2/keys",
            area: .keys,
            summary: "List the tenant's keys, oldest first",
            access: .tenant(.keysRead),
            rate: .reads,
            answers: [.init(.ok, "All of them.", .array(shape, count: 0...100_000))],
            handler: .any { call in
                let tenant = try call.tenant
                let keys = try await call.server.database.platform(isReading: true) { session in
                    try KeyBook.list(tenant: tenant, in: session)
                }
                return .json(.array(keys.map(json)))
            }
        ),
        APIOperation(
            id: "makeKey",
            method: .post,
            path: "/v2/keys",
            area: .keys,
            summary: "Make a key for a machine",
            detail: "It is shown this once.",
            access: .tenant(.keysWrite),
            rate: .writes,
            body: .json(
                .object([
                    .init("name", .text(1...100, pattern: "[^\\u0000-\\u001f\\u007f-\\u009f]+"), ""),
                    .init("role", .text(1...32, pattern: "[a-z][a-z0-9-]*"), "No more than your own."),
                    .init(
                        "scopes",
                        .array(.choice(Permission.ofTenants.map(\.rawValue).sorted()), count: 1...100),
                        "All of the role if not given.",
                        optional: true
                    ),
                    .init(
                        "days",
                        .integer(1...3650),
                        "How long it holds; until it is taken back if not given.",
                        optional: true
                    ),
                ]),
                "What it is for."
            ),
            answers: [
                .init(
                    .created,
                    "The key.",
                    .object([.init("id", .uuid, ""), .init("key", .text(1...100), "Send it as a bearer token.")])
                )
            ],
            handler: .any(make)
        ),
        APIOperation(
            id: "revokeKey",
            method: .delete,
            path: "/v2/keys/{id}",
            area: .keys,
            summary: "Take a key back",
            access: .tenant(.keysWrite),
            rate: .writes,
            parameters: [.init("id", .path, .uuid, "The key's id.")],
            answers: [.init(.noContent, "It lets nobody in any more.")],
            handler: .any { call in
                let (id, tenant, actor) = (try call.arguments.id(), try call.tenant, call.actor)
                try await call.server.database.platform { session in
                    guard let key = try KeyBook.revoke(id, tenant: tenant, by: actor, in: session) else {
                        throw Problem(.notFound)
                    }
                    try call.record(
                        "key.revoke",
                        "key:\(id.text)",
                        before: .object([("name", .string(key.name))]),
                        in: session
                    )
                }
                return Reply(.noContent)
            }
        ),
    ]

    private static func make(_ call: Call) async throws -> Reply {
        let (tenant, actor, body) = (try call.tenant, call.actor, call.arguments.body)
        let name = body?["name"]?.text ?? ""
        let role = body?["role"]?.text ?? ""
        let scopes = body?["scopes"]?.items?.compactMap(\.text)
        let length = body?["days"]?.int.map(Duration.days)
        let maker = call.principal
        do {
            let (key, id) = try await call.server.database.platform { session in
                let wanted = try AccessBook.principal(Grant(subject: "key", tenant: tenant, role: role), in: session)
                // Nobody hands on what they have not got.
                let asked = scopes.map { Set($0.compactMap(Permission.init(rawValue:))) } ?? wanted.permissions
                guard let maker, asked.isSubset(of: maker.permissions) else {
                    throw Problem(.forbidden, "a key may do no more than who makes it")
                }
                let made = try KeyBook.make(
                    name: name,
                    tenant: tenant,
                    role: role,
                    scopes: scopes,
                    for: length,
                    by: actor,
                    in: session
                )
                let after = JSONValue.object([
                    ("name", .string(name)), ("role", .string(role)), ("hint", .string(made.0.hint)),
                    ("scopes", scopes.map { .array($0.map(JSONValue.string)) } ?? .null),
                ])
                try call.record("key.make", "key:\(made.id.text)", after: after, in: session)
                return made
            }
            return .json(
                .object([("id", .string(id.text)), ("key", .string(key.text.reveal()))]),
                .created
            )
        } catch let error as AccessError {
            let place = if case .unknownScope = error { "/scopes" } else { "/role" }
            throw Problem(.invalidRequest, faults: [.init(place, error.description)])
        }
    }

    private static func json(_ key: ListedKey) -> JSONValue {
        .object([
            ("id", .string(key.id.text)), ("name", .string(key.name)), ("hint", .string(key.hint)),
            ("role", .string(key.role)), ("scopes", key.scopes.map { .array($0.map(JSONValue.string)) } ?? .null),
            ("created_at", .time(key.createdAt)), ("created_by", .string(key.createdBy)),
            ("expires_at", .time(key.expiresAt)), ("last_used_at", .time(key.lastUsedAt)),
            ("revoked_at", .time(key.revokedAt)),
        ])
    }
}
