import Crypto
import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import NIOCore

/// The Idempotency-Key of a request: looks for the answer that its first one got, and keeps it.
///
/// The answer is kept in the transaction of the effect, so there is never one without the other; while that is under way, a
/// second request with the key is told to come again.
struct DuplicateGuard: Sendable {
    private static let statements = ServerStatements.server
    private let tenant: UUID
    let key: String
    private let fingerprint: [UInt8]

    /// - Returns: nil when it came without a key.
    /// - Throws: ``Problem`` for one that is malformed.
    init?(_ call: Call) throws {
        guard let key = call.request.headers[.idempotencyKey] else { return nil }
        guard key.wholeMatch(of: /[!-~]{1,255}/) != nil else {
            throw Problem(
                .invalidRequest,
                faults: [.init("header/Idempotency-Key", "must be 1 to 255 visible ASCII characters")]
            )
        }
        self.key = key
        tenant = try call.tenant
        // Method, path with query, and body.
        var hash = SHA256()
        hash.update(data: Data("\(call.request.method.rawValue) \(call.request.uri.string)\n".utf8))
        call.bytes.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        fingerprint = Array(hash.finalize())
    }

    /// - Returns: the answer that the key got; nil: this is the first request, and the key is its own until the transaction ends.
    /// - Throws: ``Problem`` of kind `request-in-flight` or `idempotency-key-reused`.
    func known(in session: Session) throws -> Reply? {
        let lock = try session.query(Self.statements["lock_key"], tenant.uuidString, key)[0]
        guard try lock.get("is_locked") else { throw Problem(.requestInFlight, headers: [.retryAfter: "1"]) }
        guard let known = try session.query(Self.statements["known_answer"], tenant, key).first else { return nil }
        guard try known.get("fingerprint", as: Bytes.self).bytes == fingerprint else { throw Problem(.keyReused) }
        return try Self.again(known)
    }

    func keep(_ reply: Reply, in session: Session) throws {
        let fields = reply.headers.map { (name: $0.name.rawName, value: JSONValue.string($0.value)) }
        try session.query(
            Self.statements["keep_answer"],
            tenant,
            key,
            Bytes(fingerprint),
            Int32(reply.status.code),
            JSONValue.object(fields).text,
            Self.text(reply)
        )
    }

    private static func text(_ reply: Reply) -> String {
        if case .json(let value) = reply.content { return value.text }
        return ""
    }

    private static func again(_ row: Row) throws -> Reply {
        let body = try row.get("body", as: String.self)
        let fields = try JSONDecoder().decode(
            [String: String].self,
            from: Data(try row.get("headers", as: String.self).utf8)
        )
        var headers: HTTPFields = [.idempotencyReplayed: "true"]
        for (name, value) in fields { if let name = HTTPField.Name(name) { headers[name] = value } }
        let status = HTTPResponse.Status(code: Int(try row.get("status", as: Int32.self)))
        return Reply(status, body.isEmpty ? .none : .text(body, mediaType: "application/json"), headers: headers)
    }
}
