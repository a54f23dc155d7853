import CygniAccess
import CygniAudit
import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes

/// Signing in by a link that is used once, and out.
///
/// What lets somebody in stands behind the `#` of the address, which no browser sends: it is in no log, and whatever looks at
/// links in mail does not use it up. The button does, with POST.
enum SignInPages {
    static let all: [PageRoute] = [
        .get("/sign-in", .open) { call in
            // Who is in already has nothing to do here.
            if call.session != nil { return .redirect(safe(call.query("next", longest: 2000))) }
            return .page(view(next: safe(call.query("next", longest: 2000)), notice: call.notice))
        },
        .post("/sign-in", .open, signIn),
        .post("/sign-out", .open, signOut),
    ]

    private struct Content: Sendable {
        let nextPath: String
        let refusal: String?
        let notice: String?
    }

    /// Somebody who belongs to a tenant: the link stays as it was.
    private struct OfTenant: Error {}

    static func view(
        next: String,
        refusal: String? = nil,
        notice: String? = nil,
        status: HTTPResponse.Status = .ok
    ) -> PageView {
        let content = Content(nextPath: next, refusal: refusal, notice: notice)
        return PageView(template: "sign_in", title: "Sign in", content: content, status: status)
    }

    /// A path of this server; anything else would lead away from it.
    static func safe(_ path: String?) -> String {
        guard let path, path.hasPrefix("/"), !path.hasPrefix("//"), !path.hasPrefix("/sign-"),
            path.wholeMatch(of: /[A-Za-z0-9\-._~\/?&=%:,+]*/) != nil
        else { return "/" }
        return path
    }

    private static func signIn(_ call: PageCall) async throws -> PageReply {
        let next = safe(call.form["next"])
        guard let link = RandomCredential(.link, inAddress: call.form["link", default: ""]) else {
            return .page(
                view(
                    next: next,
                    refusal: "That is no sign-in link: it ends with cyl_ and 43 characters.",
                    status: .forbidden
                )
            )
        }
        let cookies = PageCookies(publicURL: call.server.publicURL)
        let old = cookies.session(call.request)
        let length = call.server.settings.page.lifetime
        let made: RandomCredential?
        do {
            made = try await call.server.database.platform { session in
                guard let grant = try AccessBook.redeem(link, in: session) else { return nil }
                let principal = try AccessBook.principal(grant, in: session)
                guard grant.tenant == nil, principal.may(.platformRead) else { throw OfTenant() }
                if let old, let ended = try SessionBook.end(old, because: "replaced", in: session) {
                    try record("page.sign-out", ended, call, session)
                }
                let (credential, begun) = try SessionBook.begin(grant, for: length, in: session)
                try record("page.sign-in", begun, call, session)
                return credential
            }
        } catch is OfTenant {
            let words =
                "This link is a tenant's. The page is for those who run the platform; the link was not used up and still "
                + "gets tokens of the API (POST /v2/tokens)."
            return .page(view(next: next, refusal: words, status: .forbidden))
        }
        guard let made else {
            let words =
                "This link lets nobody in: it was used before, its time is over, or it is none of ours. Somebody who runs the "
                + "platform makes another: cygni token link --operator --subject NAME"
            return .page(view(next: next, refusal: words, status: .forbidden))
        }
        let cookie = cookies.set(
            cookies.session,
            made.text.reveal(),
            seconds: Int(length.inSeconds),
            sameSite: "Lax"
        )
        return .redirect(next, cookies: [cookie, cookies.set(cookies.visitor, "", seconds: 0, sameSite: "Strict")])
    }

    private static func signOut(_ call: PageCall) async throws -> PageReply {
        let cookies = PageCookies(publicURL: call.server.publicURL)
        if let cookie = cookies.session(call.request) {
            try await call.server.database.platform { session in
                if let ended = try SessionBook.end(cookie, because: "signed out", in: session) {
                    try record("page.sign-out", ended, call, session)
                }
            }
        }
        let cookie = cookies.set(cookies.session, "", seconds: 0, sameSite: "Lax")
        return .redirect("/sign-in?done=\(Notice.signedOut.rawValue)", cookies: [cookie])
    }

    private static func record(
        _ action: String,
        _ who: SessionBook.PageSession,
        _ call: PageCall,
        _ session: Session
    ) throws {
        let details = JSONValue.object(call.origin + [("role", .string(who.principal.role))])
        try AuditLog.append(
            AuditEvent(
                tenant: nil,
                actor: who.principal.subject,
                action: action,
                subject: "session:\(who.id.text)",
                details: JSONText(details.text)
            ),
            in: session
        )
    }
}
