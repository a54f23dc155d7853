import CygniAccess
import CygniDNS
import CygniModel
import CygniPostgres
import DNSVerification
import FoundationEssentials
import HTTPTypes

/// A tenant's domains: list, one, claim, look again.
enum DomainEndpoints {
    private static let statements = ServerStatements.tenantThings
    private static let states = ["pending", "verified", "failing", "quarantined"]
    private static let id = APIOperation.Parameter("id", .path, .uuid, "The domain's id.")

    static let shape = Schema.named(
        "Domain",
        .object([
            .init("id", .uuid, ""),
            .init("project_id", .uuid, ""),
            .init("name", .text, ""),
            .init("scope", .choice(["host", "domain"]), "domain: the name and all below it."),
            .init("state", .choice(states), ""),
            .init(
                "records",
                .array(
                    .object([
                        .init("type", .choice(["TXT"]), ""), .init("name", .text, ""), .init("value", .text, ""),
                    ]),
                    count: 0...10
                ),
                "What to put into DNS to prove the claim."
            ),
            .init("reason", .nullable(.text), "What the last look found; null: nobody has looked yet."),
            .init("fix", .nullable(.text(0...10_000)), "What to change."),
            .init("verified_at", .nullable(.time), ""),
            .init("next_check_at", .nullable(.time), ""),
            .init("created_at", .time, ""),
        ])
    )

    static let all = [
        APIOperation(
            id: "listDomains",
            method: .get,
            path: "/v2/domains",
            area: .domains,
            summary: "List domains, newest first",
            access: .tenant(.domainsRead),
            rate: .reads,
            parameters: Page.parameters + [.init("state", .query, .choice(states), "Only those in this state.")],
            answers: [.init(.ok, "A page.", Page.schema(of: shape))],
            handler: .any { call in
                let page = try Page(call)
                let binds: [(any PostgresBindable)?] = [
                    page.before, page.beforeID, call.arguments.text("state"), nil as UUID?, page.fetched,
                ]
                let items = try await call.server.database.read(call.tenant, statements["list_domains"], binds: binds) {
                    try $0.map(item)
                }
                return page.reply(items, call)
            }
        ),
        APIOperation(
            id: "getDomain",
            method: .get,
            path: "/v2/domains/{id}",
            area: .domains,
            summary: "One domain: its state, why, and what to change",
            access: .tenant(.domainsRead),
            rate: .reads,
            parameters: [id],
            answers: [.init(.ok, "The domain.", shape)],
            handler: .any { call in
                let binds = one(try call.arguments.id())
                let found = try await call.server.database.read(call.tenant, statements["list_domains"], binds: binds) {
                    try $0.first.map(item)
                }
                guard let found else { throw Problem(.notFound) }
                return .json(found.0)
            }
        ),
        APIOperation(
            id: "addDomain",
            method: .post,
            path: "/v2/domains",
            area: .domains,
            summary: "Claim a name for a project",
            access: .tenant(.domainsWrite),
            rate: .writes,
            body: .json(
                .object([
                    .init("project_id", .uuid, ""),
                    .init("name", .text(1...253), "A name in DNS; *. in front for all names below it."),
                    .init("scope", .choice(["host", "domain"]), "host if not given.", optional: true),
                ]),
                "The claim."
            ),
            answers: [.init(.created, "The domain, with the records to set.", shape)],
            problems: [.conflict, .notFound],
            isIdempotent: true,
            handler: .change(add)
        ),
        APIOperation(
            id: "checkDomain",
            method: .post,
            path: "/v2/domains/{id}/check",
            area: .domains,
            summary: "Have a domain looked at with the next run of dns-verify",
            access: .tenant(.domainsWrite),
            rate: .writes,
            parameters: [id],
            answers: [.init(.accepted, "It is due.", shape)],
            isIdempotent: true,
            handler: .change { call, session in
                let id = try call.arguments.id()
                guard let row = try session.query(statements["check_domain"], id).first else {
                    throw Problem(.notFound)
                }
                try call.record("domain.check", "domain:\(try row.get("name", as: String.self))", in: session)
                return .json(try item(session.query(statements["list_domains"], binds: one(id))[0]).0, .accepted)
            }
        ),
    ]

    private static func one(_ id: UUID) -> [(any PostgresBindable)?] { [Page.end, Page.lastID, nil as String?, id, 1] }

    private static func add(_ call: Call, _ session: Session) throws -> Reply {
        let given = call.arguments.body?["name"]?.text ?? ""
        let scope = call.arguments.body?["scope"]?.text ?? "host"
        let claim: Claim
        do throws(HostName.Fault) {
            claim = try Claim(name: given, coversSubdomains: scope == "domain", token: "")
        } catch {
            throw Problem(.invalidRequest, faults: [.init("/name", "\(error)")])
        }
        let project = call.arguments.body?["project_id"]?.text.flatMap { UUID(uuidString: $0) }
        guard try session.query(statements["has_project"], project)[0].get("is_there") else {
            throw Problem(.notFound, "there is no such project")
        }
        let name = "\(claim.name)"
        guard let row = try session.query(statements["add_domain"], project, name, scope).first else {
            throw Problem(.conflict, "'\(name)' is claimed already")
        }
        let id = try row.get("id", as: UUID.self)
        try call.record("domain.add", "domain:\(name)", after: .object([("scope", .string(scope))]), in: session)
        let json = try item(session.query(statements["list_domains"], binds: one(id))[0]).0
        return .json(json, .created, headers: [.location: "/v2/domains/\(id.text)"])
    }

    private static func item(_ row: Row) throws -> (JSONValue, Cursor) {
        let id = try row.get("id", as: String.self)
        let created = try row.get("created_at", as: Timestamp.self)
        let name = try row.get("name", as: String.self)
        let scope = try row.get("scope", as: String.self)
        let token = try row.get("verification_token", as: String.self)
        let claim = try? Claim(name: name, coversSubdomains: scope == "domain", token: token)
        let records = claim.map { claim in
            [
                JSONValue.object([
                    ("type", .string("TXT")), ("name", .string("\(claim.challenge)")), ("value", .string(claim.token)),
                ])
            ]
        }
        let json = JSONValue.object([
            ("id", .string(id)), ("project_id", .string(try row.get("project_id"))), ("name", .string(name)),
            ("scope", .string(scope)), ("state", .string(try row.get("state"))), ("records", .array(records ?? [])),
            ("reason", .optional(try row.get("reason"))), ("fix", .optional(try row.get("fix"))),
            ("verified_at", .time(try row.get("verified_at"))), ("next_check_at", .time(try row.get("next_check_at"))),
            ("created_at", .time(created)),
        ])
        return (json, Cursor(time: created, id: id))
    }
}
