import HTTPTypes
import Hummingbird

/// What every answer of a page says.
enum PageHeaders {
    /// Nothing but what this server itself has, and nothing inline (CSP 3).
    static let policy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        + "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

    static func add(to headers: inout HTTPFields) {
        headers[.contentSecurityPolicy] = policy
        // Forms tell where they come from; other sites learn nothing.
        headers[.referrerPolicy] = "same-origin"
        headers[.crossOriginOpenerPolicy] = "same-origin"
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
    }
}
