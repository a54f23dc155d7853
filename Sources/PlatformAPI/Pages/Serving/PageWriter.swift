import CygniAccess
import CygniHTTP
import CygniLog
import CygniModel
import HTTPTypes
import Hummingbird

/// Writes a page as HTML.
struct PageWriter: Sendable {
    let parts: ServerParts

    func response(_ view: PageView, _ request: Request, _ session: SessionBook.PageSession?) throws -> Response {
        let cookies = PageCookies(publicURL: parts.publicURL)
        let forms = FormGuard(secret: parts.secret, publicURL: parts.publicURL)
        var headers: HTTPFields = [.cacheControl: "no-store", .contentLanguage: "en"]
        var holder = session?.formHolder
        if holder == nil, view.template == "sign_in" {
            var visitor = cookies.visitor(request)
            if visitor == nil {
                let made = Self.randomName()
                visitor = made
                let cookie = cookies.set(cookies.visitor, made, seconds: 86_400, sameSite: "Strict")
                headers.append(HTTPField(name: .setCookie, value: cookie))
            }
            holder = visitor.map { "visitor \($0)" }
        }
        for cookie in view.cookies { headers.append(HTTPField(name: .setCookie, value: cookie)) }
        let now = Timestamp.wallClock()
        let frame = PageFrame(
            view,
            path: request.uri.path,
            session: session,
            code: holder.map(forms.code(for:)) ?? "",
            now: TimeView(now, now: now)
        )
        let text = PageTemplates.text(frame, view.template)
        let reply = Reply(view.status, .text(text, mediaType: "text/html; charset=utf-8"), headers: headers)
        var response = try AnswerWriter.response(reply, to: request)
        PageHeaders.add(to: &response.headers)
        return response
    }

    /// 256 bits.
    private static func randomName() -> String {
        var generator = SystemRandomNumberGenerator()
        return Base64URL.encode((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }
}

extension String {
    /// As a value in a query; slashes may stay as they are (RFC 3986, 3.4).
    var percentEncodedForQuery: String { percentEncoded.replacing("%2F", with: "/") }
}
