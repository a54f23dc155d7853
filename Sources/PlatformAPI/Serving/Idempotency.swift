import CygniPostgres

/// A change that comes with an Idempotency-Key has its effect once (draft-ietf-httpapi-idempotency-key-header-07).
struct Idempotency: Sendable {
    let call: Call

    func reply() async throws -> Reply {
        let duplicate = try DuplicateGuard(call)
        let change: @Sendable (Call, Session) throws -> Reply
        switch call.operation.handler {
        case .any: return try await call.operation.handle(call)
        case .batched(let handle): return try await handle(call, duplicate)
        case .change(let own): change = own
        }
        return try await call.server.database.tenant(call.tenant) { session in
            guard let duplicate else { return try change(call, session) }
            if let known = try duplicate.known(in: session) { return known }
            let reply = try change(call, session)
            try duplicate.keep(reply, in: session)
            return reply
        }
    }
}
