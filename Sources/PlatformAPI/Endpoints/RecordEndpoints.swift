import CygniAccess
import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes

/// What a tenant may look at: its certificates and its part of the audit log.
enum RecordEndpoints {
    private static let statements = ServerStatements.tenantThings

    private static let certificate = Schema.named(
        "Certificate",
        .object([
            .init("id", .uuid, ""),
            .init("domain_names", .array(.text, count: 0...1000), ""),
            .init("state", .text, ""),
            .init("not_before", .nullable(.time), ""),
            .init("not_after", .nullable(.time), ""),
            .init("issuer", .nullable(.text), ""),
            .init("next_attempt_at", .nullable(.time), "When the next order may be tried."),
            .init("created_at", .time, ""),
        ])
    )

    private static let entry = Schema.named(
        "AuditEntry",
        .object([
            .init("id", .integer(1...Int.max), ""),
            .init("at", .time, ""),
            .init("actor", .text, "Who did it."),
            .init("action", .text, "What was done."),
            .init("subject", .text(0...10_000), "What it was done to."),
            .init("details", .map(.any), "Address and request of whoever asked, and the values before and after."),
            .init("hash", .text(64...64, pattern: "[0-9a-f]{64}"), "Chains it to the entry before (SHA-256)."),
        ])
    )

    static let all = [
        APIOperation(
            id: "listCertificates",
            method: .get,
            path: "/v2/certificates",
            area: .certificates,
            summary: "List certificates, newest first",
            access: .tenant(.certificatesRead),
            rate: .reads,
            parameters: Page.parameters,
            answers: [.init(.ok, "A page.", Page.schema(of: certificate))],
            handler: .any { call in
                let page = try Page(call)
                let items = try await call.server.database.read(
                    call.tenant,
                    statements["list_certificates"],
                    binds: [page.before, page.beforeID, page.fetched]
                ) { try $0.map(certificate) }
                return page.reply(items, call)
            }
        ),
        APIOperation(
            id: "listAudit",
            method: .get,
            path: "/v2/audit",
            area: .audit,
            summary: "List what was changed and by whom, newest first",
            access: .tenant(.auditRead),
            rate: .reads,
            parameters: Page.parameters + [
                .init("action", .query, .text(1...100), "Only this action."),
                .init("actor", .query, .text(1...200), "Only by this one."),
            ],
            answers: [.init(.ok, "A page.", Page.schema(of: entry))],
            handler: .any { call in
                let page = try Page(call)
                let before = page.cursor.flatMap { Int($0.id) } ?? Int.max
                let items = try await call.server.database.read(
                    call.tenant,
                    statements["list_audit"],
                    binds: [before, call.arguments.text("action"), call.arguments.text("actor"), page.fetched]
                ) { try $0.map(entry) }
                return page.reply(items, call)
            }
        ),
    ]

    private static func certificate(_ row: Row) throws -> (JSONValue, Cursor) {
        (try row.json(), Cursor(time: try row.get("created_at"), id: try row.get("id")))
    }

    private static func entry(_ row: Row) throws -> (JSONValue, Cursor) {
        let id = try row.get("id", as: Int.self)
        let at = try row.get("at", as: Timestamp.self)
        let details = try JSONDecoder().decode(JSONInput.self, from: Data(try row.get("details", as: String.self).utf8))
        let json = JSONValue.object([
            ("id", .integer(id)), ("at", .time(at)), ("actor", .string(try row.get("actor"))),
            ("action", .string(try row.get("action"))), ("subject", .string(try row.get("subject"))),
            ("details", details.json), ("hash", .string(try row.get("hash"))),
        ])
        return (json, Cursor(time: at, id: "\(id)"))
    }
}

extension JSONInput {
    /// The same, to be written; members in the order of their names.
    var json: JSONValue {
        switch self {
        case .null: .null
        case .bool(let flag): .bool(flag)
        case .integer(let number): .integer(number)
        case .number(let number): .number(number)
        case .string(let text): .string(text)
        case .array(let items): .array(items.map(\.json))
        case .object(let members): .object(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) })
        }
    }
}
