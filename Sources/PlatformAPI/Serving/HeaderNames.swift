import HTTPTypes

extension HTTPField.Name {
    private static func own(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("'\(text)' is no header's name") }
        return name
    }

    static let requestID = own("X-Request-Id")
    static let traceParent = own("traceparent")
    static let forwardedFor = own("X-Forwarded-For")
    static let idempotencyKey = own("Idempotency-Key")
    static let idempotencyReplayed = own("Idempotency-Replayed")
    static let rateLimit = own("RateLimit")
    static let rateLimitPolicy = own("RateLimit-Policy")
    static let deprecation = own("Deprecation")
    static let sunset = own("Sunset")
    static let link = own("Link")
    static let accelBuffering = own("X-Accel-Buffering")
    static let referrerPolicy = own("Referrer-Policy")
    static let lastEventID = own("Last-Event-ID")
    static let secFetchSite = own("Sec-Fetch-Site")
    /// Of a page that looks for news by itself.
    static let pageRefresh = own("X-Cygni-Refresh")
    static let crossOriginOpenerPolicy = own("Cross-Origin-Opener-Policy")
    static let crossOriginResourcePolicy = own("Cross-Origin-Resource-Policy")
}
