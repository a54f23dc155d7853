import CygniAccess
import CygniModel
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging

/// Carries out one operation: who asks, whether they may, how often, with what; then the handler, then the answer.
struct OperationRunner: Sendable {
    let operation: APIOperation
    let parts: ServerParts
    let logger: Logger

    func respond(to request: Request, _ context: APIContext) async throws -> Response {
        // A stream lasts as long as somebody listens; its handler returns at once.
        try await withTimeLimit(parts.settings.limits.time, on: operation.isBrief ? context.executor : nil) {
            try await answer(request, context)
        }
    }

    private func answer(_ request: Request, _ context: APIContext) async throws -> Response {
        let principal = try await admitted(request, context.finding)
        let rateHeaders = try await taken(principal)
        do {
            let (arguments, bytes) = try await arguments(request, context)
            let call = Call(
                operation: operation,
                request: request,
                bytes: bytes,
                arguments: arguments,
                principal: principal,
                caller: context.caller,
                server: parts,
                logger: logger
            )
            let reply = try await operation.isIdempotent ? Idempotency(call: call).reply() : operation.handle(call)
            var response = try AnswerWriter.response(reply, to: request)
            for field in rateHeaders { response.headers[field.name] = field.value }
            if let deprecation = operation.deprecation { deprecation.add(to: &response.headers) }
            return response
        } catch var problem as Problem {
            for field in rateHeaders where problem.headers[field.name] == nil {
                problem.headers[field.name] = field.value
            }
            throw problem
        }
    }

    /// Who asks, when they may.
    private func admitted(_ request: Request, _ finding: Finding) async throws -> Principal? {
        guard operation.access != .open else { return nil }
        guard let principal = try await Authenticator(parts: parts).principal(request, finding) else {
            throw Problem(.unauthenticated)
        }
        switch operation.access {
        case .open, .known: break
        case .tenant(let permission):
            guard principal.tenant != nil, principal.may(permission) else {
                throw Problem(.forbidden, "this needs \(permission.rawValue) within a tenant")
            }
        case .platform(let permission):
            guard principal.tenant == nil, principal.may(permission) else {
                throw Problem(.forbidden, "this needs \(permission.rawValue), which the platform's operators have")
            }
        }
        return principal
    }

    /// Counts the request against its tenant's rate.
    private func taken(_ principal: Principal?) async throws -> HTTPFields {
        guard operation.rate != .none, let tenant = principal?.tenant else { return [:] }
        guard let plan = try await parts.plans.plan(of: tenant, parts.database) else {
            throw Problem(.forbidden, "the tenant is no more")
        }
        let (decision, headers) = parts.limiter.take(tenant, operation.rate, parts.settings.rates[plan] ?? .standard)
        guard decision.isAllowed else { throw Problem(.rateLimited, headers: headers) }
        return headers
    }

    private func arguments(_ request: Request, _ context: APIContext) async throws -> (Arguments, ByteBuffer) {
        var (arguments, faults) = ArgumentReader.parameters(of: operation, request, context.parameters)
        var bytes = ByteBuffer()
        if let body = operation.body {
            let reader = BodyReader(body: body, limit: Int(parts.settings.limits.body.bytes))
            let content: APIOperation.Body.Content
            (content, bytes) = try await reader.read(request)
            if content.mediaType == APIOperation.Body.Content.json {
                arguments.body = try ArgumentReader.body(bytes)
                content.schema.check(arguments.body ?? .null, at: "", into: &faults)
            }
        }
        guard faults.isEmpty else { throw Problem(.invalidRequest, faults: Array(faults.prefix(100))) }
        return (arguments, bytes)
    }
}

extension APIOperation.Deprecation {
    /// RFC 9745, 2, and RFC 8594, 3.
    fileprivate func add(to headers: inout HTTPFields) {
        headers[.deprecation] = "@\(since)"
        headers[.sunset] = HTTPDate.text(sunset)
        headers[.link] = "<\(successor)>; rel=\"successor-version\""
    }
}
