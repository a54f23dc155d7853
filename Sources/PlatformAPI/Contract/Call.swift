import CygniAccess
import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging

/// A request that passed every check of its operation, on its way to the handler.
struct Call: Sendable {
    let operation: APIOperation
    let request: Request
    /// Unpacked, where the operation has one.
    let bytes: ByteBuffer
    let arguments: Arguments
    let principal: Principal?
    let caller: Caller
    let server: ServerParts
    let logger: Logger

    /// The tenant that the operation is about. Only operations of tenants ask.
    var tenant: UUID {
        get throws {
            guard let tenant = principal?.tenant else { throw Problem(.forbidden, "this is about one tenant's things") }
            return tenant
        }
    }

    /// Who is on record for what the call changes.
    var actor: String { principal?.subject ?? "nobody" }
}

/// Where a request comes from, as logs and the audit trail have it.
struct Caller: Hashable, Sendable {
    var requestID: String
    /// Of the trace that the request is part of (W3C Trace Context); nil: none.
    var traceID: String?
    var address: String
}

/// A call's parameters and body, held against the operation's shapes.
struct Arguments: Sendable {
    var path: [String: JSONInput] = [:]
    var query: [String: JSONInput] = [:]
    var headers: [String: JSONInput] = [:]
    var body: JSONInput?

    /// A UUID of the path; its shape was checked.
    func id(_ name: String = "id") throws -> UUID {
        guard let id = path[name]?.text.flatMap({ UUID(uuidString: $0) }) else { throw Problem(.notFound) }
        return id
    }

    func time(_ name: String) -> Timestamp? { query[name]?.text.flatMap { Timestamp(parsing: $0) } }
    func uuid(_ name: String) -> UUID? { query[name]?.text.flatMap { UUID(uuidString: $0) } }
    func text(_ name: String) -> String? { query[name]?.text }
}

/// What a handler answers.
struct Reply: Sendable {
    enum Content: Sendable {
        case none
        case json(JSONValue)
        case text(String, mediaType: String)
        case body(ResponseBody, mediaType: String)
    }

    var status: HTTPResponse.Status
    var content: Content
    var headers: HTTPFields

    init(_ status: HTTPResponse.Status = .ok, _ content: Content = .none, headers: HTTPFields = [:]) {
        (self.status, self.content, self.headers) = (status, content, headers)
    }

    static func json(_ value: JSONValue, _ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Reply {
        Reply(status, .json(value), headers: headers)
    }
}
