import CygniPostgres

/// A change that comes with an Idempotency-Key has its effect once (draft-ietf-httpapi-idempotency-key-header-07).
struct Idempotency: Sendable {
    let call: Call

    func reply() async throws -> Reply {
        // Another handler sees to it in its own transaction.
        guard case .change(let change) = call.operation.handler else { return try await call.operation.handle(call) }
        let duplicate = try DuplicateGuard(call)
        return try await call.server.database.tenant(call.tenant) { session in
            guard let duplicate else { return try change(call, session) }
            if let known = try duplicate.known(in: session) { return known }
            let reply = try change(call, session)
            try duplicate.keep(reply, in: session)
            return reply
        }
    }
}
