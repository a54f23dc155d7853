import CygniAccess
import CygniPostgres
import HTTPTypes

/// One operation of the API: all that its document says of it, and what carries it out. The server's routes, its document
/// and its checks are made of these, so that they cannot differ.
struct APIOperation: Sendable {
    /// `listDeployments`.
    let id: String
    let method: HTTPRequest.Method
    /// With parameters in braces: `/v2/deployments/{id}`.
    let path: String
    let area: Area
    let summary: String
    var detail = ""
    let access: Access
    var rate = RateClass.none
    var parameters: [Parameter] = []
    var body: Body?
    /// The good answers.
    let answers: [Answer]
    /// What can go wrong besides what can with any request.
    var problems: [Problem.Kind] = []
    var deprecation: Deprecation?
    /// Whether a POST with an Idempotency-Key has its effect once, however often it comes.
    var isIdempotent = false
    /// Whether it may compute for long, or wait for files: it then leaves the thread of its connection, on which others wait.
    var isHeavy = false
    /// Whether it stays on that thread. A body may be large, and unpacking or reading it takes its time.
    var isBrief: Bool { body == nil && !isHeavy }
    let handler: Handler

    /// What carries it out.
    enum Handler: Sendable {
        case any(@Sendable (Call) async throws -> Reply)
        /// In one transaction of the tenant, which its record in the audit log is part of.
        case change(@Sendable (Call, Session) throws -> Reply)
        /// In a transaction of the tenant that it shares with other requests, and in which it sees to its Idempotency-Key.
        case batched(@Sendable (Call, DuplicateGuard?) async throws -> Reply)
    }

    func handle(_ call: Call) async throws -> Reply {
        switch handler {
        case .any(let handle): try await handle(call)
        case .batched(let handle): try await handle(call, nil)
        case .change(let change): try await call.server.database.tenant(call.tenant) { try change(call, $0) }
        }
    }

    /// What the document groups operations by.
    enum Area: String, CaseIterable, Sendable {
        case server, tokens, deployments, domains, certificates, metrics, logs, audit, keys, jobs
    }

    /// Who may ask for it.
    enum Access: Hashable, Sendable {
        /// Anybody.
        case open
        /// Anybody with credentials.
        case known
        /// Who has the permission, within a tenant.
        case tenant(Permission)
        /// Who has the permission of the platform.
        case platform(Permission)
    }

    /// Which of a tenant's rates it counts against.
    enum RateClass: String, CaseIterable, Sendable {
        case none, reads, writes, ingest
    }

    struct Parameter: Sendable {
        enum Place: String, Sendable { case path, query, header }
        let name: String
        let place: Place
        let schema: Schema
        let doc: String
        let isRequired: Bool

        init(_ name: String, _ place: Place, _ schema: Schema, _ doc: String, required: Bool = false) {
            (self.name, self.place, self.schema, self.doc) = (name, place, schema, doc)
            isRequired = required || place == .path
        }
    }

    struct Body: Sendable {
        /// What it may be, by media type. JSON is held against its shape; anything else the handler reads itself.
        let contents: [Content]
        let doc: String

        struct Content: Sendable {
            static let json = "application/json"
            let mediaType: String
            let schema: Schema
        }

        static func json(_ schema: Schema, _ doc: String) -> Body {
            Body(contents: [Content(mediaType: Content.json, schema: schema)], doc: doc)
        }
    }

    struct Answer: Sendable {
        let status: HTTPResponse.Status
        let doc: String
        let mediaType: String
        let schema: Schema?

        init(
            _ status: HTTPResponse.Status,
            _ doc: String,
            _ schema: Schema? = nil,
            mediaType: String = "application/json"
        ) {
            (self.status, self.doc, self.schema, self.mediaType) = (status, doc, schema, mediaType)
        }
    }

    /// Since when it is out of date, until when it is there, and what takes its place (RFC 9745 and RFC 8594).
    struct Deprecation: Sendable {
        /// Unix time, seconds.
        let since: Int64
        let sunset: Int64
        let successor: String
    }
}
