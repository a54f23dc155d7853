import CygniAccess
import CygniAudit
import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes

/// Access tokens: the first by a sign-in link, the next by a refresh token.
enum TokenEndpoints {
    private static let pair = Schema.named(
        "TokenPair",
        .object([
            .init("access_token", .text(1...4096), "A JWT (RFC 9068), to be sent as a bearer token."),
            .init("token_type", .choice(["Bearer"]), ""),
            .init("expires_in", .integer(1...86_400), "Seconds."),
            .init("refresh_token", .text(1...100), "To be used once, for the next pair."),
        ])
    )

    private static let refresh = Schema.object([.init("refresh_token", .text(1...100), "")])

    static let all = [
        APIOperation(
            id: "exchangeLink",
            method: .post,
            path: "/v2/tokens",
            area: .tokens,
            summary: "Get tokens for a sign-in link",
            detail: "`cygni token link` makes one; it is used up by this.",
            access: .open,
            body: .json(
                .object([.init("link", .text(1...2048), "The link: the whole address, or its end from cyl_ on.")]),
                "The link."
            ),
            answers: [.init(.ok, "Tokens.", pair)],
            problems: [.unauthenticated],
            handler: .any { call in
                let given = call.arguments.body?["link"]?.text ?? ""
                guard let link = RandomCredential(.link, inAddress: given) else { throw Problem(.unauthenticated) }
                let length = call.server.settings.tokens.refreshLifetime
                let found = try await call.server.database.platform { session -> (Grant, RandomCredential)? in
                    guard let grant = try AccessBook.redeem(link, in: session) else { return nil }
                    let token = try RefreshBook.begin(grant, for: length, in: session)
                    try record("token.begin", grant, call, session)
                    return (grant, token)
                }
                guard let found else { throw Problem(.unauthenticated) }
                return try await reply(found.0, found.1, call)
            }
        ),
        APIOperation(
            id: "refreshToken",
            method: .post,
            path: "/v2/tokens/refresh",
            area: .tokens,
            summary: "Get the next tokens for a refresh token",
            detail:
                "Each is used once. One that comes again later was stolen: then all that came of the same sign-in end.",
            access: .open,
            body: .json(refresh, "The refresh token."),
            answers: [.init(.ok, "Tokens.", pair)],
            problems: [.unauthenticated, .conflict],
            handler: .any(rotate)
        ),
        APIOperation(
            id: "revokeToken",
            method: .post,
            path: "/v2/tokens/revoke",
            area: .tokens,
            summary: "End a refresh token and all that came of the same sign-in",
            detail: "As RFC 7009: one that is unknown is ended already.",
            access: .open,
            body: .json(refresh, "The refresh token."),
            answers: [.init(.noContent, "It has ended.")],
            handler: .any { call in
                if let token = RandomCredential(.refresh, reading: call.arguments.body?["refresh_token"]?.text ?? "") {
                    try await call.server.database.platform { session in try RefreshBook.signOut(token, in: session) }
                }
                return Reply(.noContent)
            }
        ),
        APIOperation(
            id: "whoAmI",
            method: .get,
            path: "/v2/me",
            area: .tokens,
            summary: "Who the credentials say you are, and what you may do",
            access: .known,
            answers: [
                .init(
                    .ok,
                    "You.",
                    .object([
                        .init("subject", .text, ""), .init("tenant_id", .nullable(.uuid), "null: the platform's own."),
                        .init("role", .text, ""),
                        .init("permissions", .array(.choice(Permission.allCases.map(\.rawValue)), count: 0...100), ""),
                    ])
                )
            ],
            handler: .any { call in
                guard let me = call.principal else { throw Problem(.unauthenticated) }
                let permissions = me.permissions.map(\.rawValue).sorted().map(JSONValue.string)
                return .json(
                    .object([
                        ("subject", .string(me.subject)), ("tenant_id", .optional(me.tenant?.text)),
                        ("role", .string(me.role)), ("permissions", .array(permissions)),
                    ])
                )
            }
        ),
    ]

    private static func rotate(_ call: Call) async throws -> Reply {
        let given = call.arguments.body?["refresh_token"]?.text ?? ""
        guard let token = RandomCredential(.refresh, reading: given) else { throw Problem(.unauthenticated) }
        let grace = call.server.settings.tokens.refreshGrace
        let outcome = try await call.server.database.platform { session -> RefreshBook.Outcome in
            let outcome = try RefreshBook.rotate(token, grace: grace, in: session)
            if case .reused(let grant, _) = outcome { try record("token.reused", grant, call, session) }
            return outcome
        }
        switch outcome {
        case .rotated(let grant, let next): return try await reply(grant, next, call)
        case .justUsed:
            throw Problem(
                .conflict,
                "it was used a moment ago: use what was answered then",
                headers: [.retryAfter: "1"]
            )
        case .reused, .refused: throw Problem(.unauthenticated)
        }
    }

    private static func reply(_ grant: Grant, _ refresh: RandomCredential, _ call: Call) async throws -> Reply {
        let lifetime = Int(call.server.settings.tokens.lifetime.inSeconds)
        let token = AccessToken(
            issuer: call.server.publicURL,
            subject: grant.subject,
            tenant: grant.tenant,
            role: grant.role,
            lifetime: lifetime,
            now: Int(Date().timeIntervalSince1970)
        )
        return .json(
            .object([
                ("access_token", .string(try await call.server.keys.sign(token))), ("token_type", .string("Bearer")),
                ("expires_in", .integer(lifetime)), ("refresh_token", .string(refresh.text.reveal())),
            ])
        )
    }

    private static func record(_ action: String, _ grant: Grant, _ call: Call, _ session: Session) throws {
        let details = JSONValue.object([
            ("address", .string(call.caller.address)), ("request_id", .string(call.caller.requestID)),
            ("role", .string(grant.role)),
        ])
        try AuditLog.append(
            AuditEvent(
                tenant: grant.tenant,
                actor: grant.subject,
                action: action,
                subject: grant.subject,
                details: JSONText(details.text)
            ),
            in: session
        )
    }
}
