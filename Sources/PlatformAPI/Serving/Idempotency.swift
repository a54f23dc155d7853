import Crypto
import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import NIOCore

/// A change that comes with an Idempotency-Key has its effect once (draft-ietf-httpapi-idempotency-key-header-07).
///
/// The answer is kept in the transaction of the effect, so there is never one without the other; while that is under way, a
/// second request with the key is told to come again.
struct Idempotency: Sendable {
    private static let statements = ServerStatements.server
    let call: Call

    func reply() async throws -> Reply {
        guard case .change(let change) = call.operation.handler else { return try await call.operation.handle(call) }
        guard let key = call.request.headers[.idempotencyKey] else {
            return try await call.server.database.tenant(call.tenant) { session in try change(call, session) }
        }
        guard key.wholeMatch(of: /[!-~]{1,255}/) != nil else {
            throw Problem(
                .invalidRequest,
                faults: [.init("header/Idempotency-Key", "must be 1 to 255 visible ASCII characters")]
            )
        }
        let tenant = try call.tenant
        let fingerprint = fingerprint
        return try await call.server.database.tenant(tenant) { session in
            let lock = try session.query(Self.statements["lock_key"], tenant.uuidString, key)[0]
            guard try lock.get("is_locked") else { throw Problem(.requestInFlight, headers: [.retryAfter: "1"]) }
            if let known = try session.query(Self.statements["known_answer"], tenant, key).first {
                guard try known.get("fingerprint", as: Bytes.self).bytes == fingerprint else {
                    throw Problem(.keyReused)
                }
                return try Self.again(known)
            }
            let reply = try change(call, session)
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
            return reply
        }
    }

    /// Method, path with query, and body.
    private var fingerprint: [UInt8] {
        var hash = SHA256()
        hash.update(data: Data("\(call.request.method.rawValue) \(call.request.uri.string)\n".utf8))
        hash.update(data: Data(call.bytes.readableBytesView))
        return Array(hash.finalize())
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
