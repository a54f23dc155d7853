import CygniAccess
import CygniPostgres
import HTTPTypes

/// One operation of the API: all that its document says of it, and what carries it out. The server's routes, its document
/// and its checks are made of these, so that they cannot differ.
package struct Operation: Sendable {
    /// `listDeployments`.
    package let id: String
    package let method: HTTPRequest.Method
    /// With parameters in braces: `/v2/deployments/{id}`.
    package let path: String
    package let area: Area
    package let summary: String
    package var detail = ""
    package let access: Access
    package var rate = RateClass.none
    package var parameters: [Parameter] = []
    package var body: Body?
    /// The good answers.
    package let answers: [Answer]
    /// What can go wrong besides what can with any request.
    package var problems: [Problem.Kind] = []
    package var deprecation: Deprecation?
    /// Whether a POST with an Idempotency-Key has its effect once, however often it comes.
    package var isIdempotent = false
    package let handler: Handler

    /// What carries it out.
    package enum Handler: Sendable {
        case any(@Sendable (Call) async throws -> Reply)
        /// In one transaction of the tenant, which its record in the audit log is part of.
        case change(@Sendable (Call, Session) throws -> Reply)
    }

    func handle(_ call: Call) async throws -> Reply {
        switch handler {
        case .any(let handle): try await handle(call)
        case .change(let change): try await call.server.database.tenant(call.tenant) { try change(call, $0) }
        }
    }

    /// What the document groups operations by.
    package enum Area: String, CaseIterable, Sendable {
        case server, tokens, deployments, domains, certificates, metrics, logs, audit, keys, jobs
    }

    /// Who may ask for it.
    package enum Access: Hashable, Sendable {
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
    package enum RateClass: String, CaseIterable, Sendable {
        case none, reads, writes, ingest
    }

    package struct Parameter: Sendable {
        package enum Place: String, Sendable { case path, query, header }
        package let name: String
        package let place: Place
        package let schema: Schema
        package let doc: String
        package var isRequired: Bool { place == .path }

        package init(_ name: String, _ place: Place, _ schema: Schema, _ doc: String) {
            (self.name, self.place, self.schema, self.doc) = (name, place, schema, doc)
        }
    }

    package struct Body: Sendable {
        /// `application/json`, and for batches others.
        package let mediaTypes: [String]
        /// nil: the handler reads the bytes itself.
        package let schema: Schema?
        package let doc: String

        package static func json(_ schema: Schema, _ doc: String) -> Body {
            Body(mediaTypes: ["application/json"], schema: schema, doc: doc)
        }
    }

    package struct Answer: Sendable {
        package let status: HTTPResponse.Status
        package let doc: String
        package let mediaType: String
        package let schema: Schema?

        package init(_ status: HTTPResponse.Status, _ doc: String, _ schema: Schema? = nil, mediaType: String = "application/json") {
            (self.status, self.doc, self.schema, self.mediaType) = (status, doc, schema, mediaType)
        }
    }

    /// Since when it is out of date, until when it is there, and what takes its place (RFC 9745 and RFC 8594).
    package struct Deprecation: Sendable {
        /// Unix time, seconds.
        package let since: Int64
        package let sunset: Int64
        package let successor: String
    }
}
