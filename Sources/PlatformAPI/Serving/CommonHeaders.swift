import HTTPTypes
import Hummingbird

/// What every answer says, whoever gave it.
enum CommonHeaders {
    static func add(to response: inout Response, _ request: Request, _ origins: [String]) {
        response.headers[.xContentTypeOptions] = "nosniff"
        if response.headers[.referrerPolicy] == nil { response.headers[.referrerPolicy] = "no-referrer" }
        response.headers[.crossOriginResourcePolicy] = "same-origin"
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        addOrigin(to: &response, request, origins)
    }

    /// Cross-origin requests (Fetch, 3.2) from the origins that the settings name; never with cookies.
    private static func addOrigin(to response: inout Response, _ request: Request, _ origins: [String]) {
        guard !origins.isEmpty else { return }
        response.headers.append(HTTPField(name: .vary, value: "Origin"))
        guard let origin = request.headers[.origin], origins.contains(origin) else { return }
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.crossOriginResourcePolicy] = "cross-origin"
        response.headers[.accessControlExposeHeaders] =
            "Link, ETag, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id"
        guard request.method == .options, request.headers[.accessControlRequestMethod] != nil else { return }
        response.status = .noContent
        response.body = ResponseBody()
        response.headers[.contentType] = nil
        response.headers[.accessControlAllowMethods] = "GET, POST, PUT, PATCH, DELETE"
        response.headers[.accessControlAllowHeaders] = "Authorization, Content-Type, Idempotency-Key, If-None-Match"
        response.headers[.accessControlMaxAge] = "600"
    }
}
