import CygniModel
import HTTPTypes

/// What went wrong with a request, in the form of RFC 9457; never a stack, an SQL text or another tenant's affairs.
struct Problem: Error, Sendable {
    /// The kinds there are. Their names are part of the contract: clients tell them apart by `type`.
    enum Kind: String, CaseIterable, Sendable {
        case invalidRequest = "invalid-request"
        case malformedBody = "malformed-body"
        case invalidCursor = "invalid-cursor"
        case unauthenticated
        case forbidden
        case notFound = "not-found"
        case methodNotAllowed = "method-not-allowed"
        case conflict
        case requestInFlight = "request-in-flight"
        case bodyTooLarge = "body-too-large"
        case unsupportedMediaType = "unsupported-media-type"
        case keyReused = "idempotency-key-reused"
        case rateLimited = "rate-limited"
        case queueFull = "queue-full"
        case busy
        case internalError = "internal-error"
        case unavailable
        case archiveUnreadable = "archive-unreadable"
        case timedOut = "timed-out"

        var status: HTTPResponse.Status {
            switch self {
            case .invalidRequest, .malformedBody, .invalidCursor: .badRequest
            case .unauthenticated: .unauthorized
            case .forbidden: .forbidden
            case .notFound: .notFound
            case .methodNotAllowed: .methodNotAllowed
            case .conflict, .requestInFlight: .conflict
            case .bodyTooLarge: .contentTooLarge
            case .unsupportedMediaType: .unsupportedMediaType
            case .keyReused: .unprocessableContent
            case .rateLimited, .queueFull: .tooManyRequests
            case .internalError: .internalServerError
            case .busy, .unavailable, .archiveUnreadable: .serviceUnavailable
            case .timedOut: .gatewayTimeout
            }
        }

        /// The same for every problem of its kind.
        var title: String {
            switch self {
            case .invalidRequest: "The request breaks a rule of the API's document"
            case .malformedBody: "The body is not what its media type says"
            case .invalidCursor: "The cursor is not one of this list's"
            case .unauthenticated: "Credentials are missing, or hold no longer"
            case .forbidden: "The credentials do not allow this"
            case .notFound: "There is no such thing"
            case .methodNotAllowed: "The path is there, the method is not"
            case .conflict: "The thing is in a state that does not allow this"
            case .requestInFlight: "A request with this Idempotency-Key is under way"
            case .bodyTooLarge: "The body is too large"
            case .unsupportedMediaType: "The body's media type or coding is not one that is read here"
            case .keyReused: "The Idempotency-Key was used for another request"
            case .rateLimited: "Too many requests"
            case .queueFull: "More comes in than can be written"
            case .busy: "The server has too much to do"
            case .internalError: "The server failed"
            case .unavailable: "A part that the server needs is out of reach"
            case .archiveUnreadable: "A part of the answer is in an archive that cannot be read"
            case .timedOut: "The request took too long"
            }
        }

        /// An URI that names the kind for ever (RFC 9457, 3.1.1).
        var type: String { "https://cygni.dev/problems/\(rawValue)" }
    }

    /// What is wrong with one part of the request.
    struct Fault: Hashable, Sendable {
        /// A JSON Pointer into the body (RFC 6901), or `query/NAME`, `path/NAME`, `header/NAME`.
        var place: String
        var detail: String

        init(_ place: String, _ detail: String) { (self.place, self.detail) = (place, detail) }
    }

    var kind: Kind
    var detail: String?
    var faults: [Fault]
    var headers: HTTPFields

    init(_ kind: Kind, _ detail: String? = nil, faults: [Fault] = [], headers: HTTPFields = [:]) {
        (self.kind, self.detail, self.faults, self.headers) = (kind, detail, faults, headers)
    }

    /// - Parameter instance: the request's id.
    func json(instance: String) -> JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("type", .string(kind.type)), ("title", .string(kind.title)), ("status", .integer(kind.status.code)),
            ("instance", .string("urn:request:\(instance)")),
        ]
        if let detail { members.append(("detail", .string(detail))) }
        if !faults.isEmpty {
            let list = faults.map { fault in
                let name = fault.place.hasPrefix("/") || fault.place.isEmpty ? "pointer" : "parameter"
                return JSONValue.object([(name, .string(fault.place)), ("detail", .string(fault.detail))])
            }
            members.append(("errors", .array(list)))
        }
        return .object(members)
    }
}
