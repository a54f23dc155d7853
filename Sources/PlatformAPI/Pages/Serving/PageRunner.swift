import CygniAccess
import CygniLog
import CygniModel
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging

/// Carries out one route of the page: where the request comes from, who it is from, whether they may; then the handler, then
/// the HTML.
struct PageRunner: Sendable {
    let route: PageRoute
    let parts: ServerParts
    let logger: Logger

    private var cookies: PageCookies { PageCookies(publicURL: parts.publicURL) }
    private var forms: FormGuard { FormGuard(secret: parts.secret, publicURL: parts.publicURL) }
    /// Bytes of a form.
    private static let longestForm = 16 << 10

    func respond(to request: Request, _ context: APIContext) async throws -> Response {
        try await withTimeLimit(parts.settings.limits.time) { try await answer(request, context) }
    }

    private func answer(_ request: Request, _ context: APIContext) async throws -> Response {
        let isForm = route.method == .post
        if isForm, !forms.isOurs(request) { throw refused("form from elsewhere", context) }
        let session = try await session(request, context)
        if case .platform(let permission) = route.access {
            guard let session else { return try redirect(toSignIn(request), [], request) }
            guard session.principal.may(permission) else {
                throw Problem(.forbidden, "This needs \(permission.rawValue), which \(session.principal.role) has not.")
            }
        }
        var form: [String: String] = [:]
        if isForm {
            form = try await read(request)
            let holder = session?.formHolder ?? cookies.visitor(request).map { "visitor \($0)" }
            guard let holder, forms.isCode(form[FormGuard.field, default: ""], for: holder) else {
                throw refused("form code", context)
            }
        }
        let call = PageCall(
            request: request,
            parameters: context.parameters,
            form: form,
            session: session,
            caller: context.caller,
            server: parts,
            logger: logger,
            now: .wallClock()
        )
        switch try await route.handler(call) {
        case .page(let view): return try PageWriter(parts: parts).response(view, request, session)
        case .redirect(let path, let cookies): return try redirect(path, cookies, request)
        case .plain(let reply):
            var response = try AnswerWriter.response(reply, to: request)
            PageHeaders.add(to: &response.headers)
            return response
        }
    }

    /// What is needed to read a session is a database; the style sheet is there without one.
    private func session(_ request: Request, _ context: APIContext) async throws -> SessionBook.PageSession? {
        guard route.path != PageAssets.route.path, let cookie = cookies.session(request) else { return nil }
        let idle = parts.settings.page.idle
        // A page that looks for news by itself is nobody who does something.
        let isActive = request.headers[.pageRefresh] == nil
        // What it writes it may write twice, so it may be repeated like what only reads.
        let found = try await parts.database.platform(isReading: true) { session in
            try SessionBook.use(cookie, idle: idle, isActive: isActive, in: session)
        }
        context.finding.principal = found?.principal
        context.finding.session = found
        return found
    }

    private func refused(_ reason: String, _ context: APIContext) -> Problem {
        context.finding.refusal = reason
        return Problem(
            .forbidden,
            "The form did not come from a page of this server, or the page was too old. Nothing was changed. "
                + "Go back, load the page again and send it once more."
        )
    }

    private func read(_ request: Request) async throws -> [String: String] {
        let body = APIOperation.Body(mediaTypes: ["application/x-www-form-urlencoded"], schema: nil, doc: "")
        let bytes = try await BodyReader(body: body, limit: Self.longestForm).read(request)
        do {
            return try URLEncodedFormDecoder().decode([String: String].self, from: String(buffer: bytes))
        } catch {
            throw Problem(.malformedBody, "The form cannot be read.")
        }
    }

    /// Comes back to what was asked for, where that is a page.
    private func toSignIn(_ request: Request) -> String {
        guard route.method == .get, !route.path.hasSuffix("/log") else { return "/sign-in" }
        let wanted = request.uri.path + (request.uri.query.map { "?\($0)" } ?? "")
        return wanted == "/" ? "/sign-in" : "/sign-in?next=\(wanted.percentEncodedForQuery)"
    }

    private func redirect(_ path: String, _ cookies: [String], _ request: Request) throws -> Response {
        var headers: HTTPFields = [.location: path]
        for cookie in cookies { headers.append(HTTPField(name: .setCookie, value: cookie)) }
        PageHeaders.add(to: &headers)
        return Response(status: .seeOther, headers: headers)
    }
}
