/// One request: what is asked, of whom, and within which limits.
package struct HTTPRequest: Sendable {
    package var method: String
    /// Absolute, percent-encoded as it goes out; `http` or `https`.
    package var url: String
    /// In the order they are sent. A name that libcurl sets by itself (`Host`, `Content-Length`) replaces its own.
    package var headers: [(name: String, value: String)]
    package var body: HTTPBody
    package var limits: HTTPLimits

    package init(
        _ method: String,
        _ url: String,
        headers: [(name: String, value: String)] = [],
        body: HTTPBody = .none,
        limits: HTTPLimits = HTTPLimits()
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.limits = limits
    }
}

/// How long an exchange may take and how much it may bring.
package struct HTTPLimits: Hashable, Sendable {
    /// For name look-up, connection and TLS together.
    package var connect: Duration = .seconds(10)
    /// Without a byte in either direction; time in which our side reads nothing does not count.
    package var idle: Duration = .seconds(60)
    /// For the whole exchange; nil is no limit.
    package var total: Duration?
    /// Bytes of the answer's body; a longer one is an error.
    package var body: Int64 = .max

    package init() {}
}

/// What a request carries.
package enum HTTPBody: Sendable {
    case none
    case bytes([UInt8])
    /// A part of an open file, read where it stands; the descriptor stays open until the exchange has ended.
    case file(HTTPFile)
    /// Pieces as they come; nil ends it. It can be sent once: no retry, no second try on a fresh connection.
    ///
    /// - Parameter length: all bytes together when known; else the body goes out in chunks.
    case stream(length: Int64?, next: @Sendable () async throws -> [UInt8]?)

    /// Whether the same bytes can be sent again.
    package var isReplayable: Bool {
        if case .stream = self { false } else { true }
    }

    /// Bytes, when known.
    package var length: Int64? {
        switch self {
        case .none: 0
        case .bytes(let bytes): Int64(bytes.count)
        case .file(let file): file.length
        case .stream(let length, _): length
        }
    }
}

/// A part of an open file.
package struct HTTPFile: Sendable {
    package let descriptor: Int32
    package let offset: Int64
    package let length: Int64

    package init(descriptor: Int32, offset: Int64, length: Int64) {
        self.descriptor = descriptor
        self.offset = offset
        self.length = length
    }
}
