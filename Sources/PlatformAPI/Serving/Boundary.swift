import CygniAccess
import CygniLog
import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging

/// The outermost layer: names each request, bounds how many there are and how long one takes, turns whatever was thrown into
/// a problem, adds the headers that every answer has, and writes one line of the log.
struct Boundary: RouterMiddleware {
    let parts: ServerParts
    let operations: [APIOperation]
    let pages: [PageRoute]
    let logger: Logger

    func handle(
        _ request: Request,
        context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.caller = caller(request, context)
        let start = ContinuousClock.now
        var response: Response
        // Whoever asks whether the process lives would end it for being busy.
        let limit = request.uri.path == "/healthz" ? Int.max : parts.settings.limits.requests
        if parts.metrics.enter(limit: limit) {
            do {
                response = try await next(request, context)
            } catch {
                response = told(problem(error, request, context), request, context)
            }
            parts.metrics.leave()
        } else {
            response = told(Problem(.busy, headers: [.retryAfter: "1"]), request, context)
        }
        CommonHeaders.add(to: &response, request, parts.settings.origins)
        response.headers[.requestID] = context.caller.requestID
        note(request, response, context, (ContinuousClock.now - start).inSeconds)
        return response
    }

    /// An id that a proxy gave is kept when it has the form of one.
    private func caller(_ request: Request, _ context: APIContext) -> Caller {
        var caller = context.caller
        let given = request.headers[.requestID].flatMap { $0.wholeMatch(of: /[A-Za-z0-9_.\-]{8,64}/) }
        caller.requestID = given.map { String($0.output) } ?? Self.freshID()
        let trace = request.headers[.traceParent]?.wholeMatch(of: /[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/)
        caller.traceID = trace.map { String($0.output.1) }
        if parts.settings.listen.isBehindProxy,
            let last = request.headers[.forwardedFor]?.split(separator: ",").last
        {
            let address = last.trimmingPrefix { $0 == " " }
            if address.wholeMatch(of: /[0-9A-Fa-f:.]{2,45}/) != nil { caller.address = String(address) }
        }
        return caller
    }

    /// A random UUID (RFC 9562, 5.4). Foundation opens a file for the numbers of each.
    private static func freshID() -> String {
        var generator = SystemRandomNumberGenerator()
        let high = generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { UUID(uuid: $0.load(as: uuid_t.self)).text }
    }

    private func problem(_ error: any Error, _ request: Request, _ context: APIContext) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let error as HTTPError where error.status == .notFound: return noRoute(request)
        case let error as HTTPError where error.status == .contentTooLarge: return Problem(.bodyTooLarge)
        case let error as HTTPError where error.status.code < 500: return Problem(.malformedBody)
        case is TimeLimitPassed: return Problem(.timedOut)
        case let error as PostgresError:
            logger.error(
                "the database refused",
                metadata: .init([.requestID: context.caller.requestID, .error: "\(error)"])
            )
            switch error.kind {
            case .connect, .connectionLost, .pooler, .parameters:
                return Problem(.unavailable, "the database is out of reach", headers: [.retryAfter: "1"])
            case .server where error.sqlState == "57014": return Problem(.timedOut)
            case .server where error.sqlState?.hasPrefix("57P") == true:
                return Problem(.unavailable, "the database is being stopped", headers: [.retryAfter: "1"])
            case .server, .client: return Problem(.internalError)
            }
        default:
            logger.error(
                "a request failed",
                metadata: .init([.requestID: context.caller.requestID, .error: "\(error)"])
            )
            return Problem(.internalError)
        }
    }

    /// The path may be there with other methods.
    private func noRoute(_ request: Request) -> Problem {
        let forms = pages.filter { $0.covers(request.uri.path) }.map(\.method.rawValue)
        let segments = request.uri.path.split(separator: "/")
        let methods =
            operations.filter { operation in
                let own = operation.path.split(separator: "/")
                return own.count == segments.count && zip(own, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
            }.map(\.method.rawValue) + forms
        guard !methods.isEmpty else { return Problem(.notFound, "there is nothing at this path") }
        return Problem(.methodNotAllowed, headers: [.allow: Set(methods).sorted().joined(separator: ", ")])
    }

    /// To a person as a page, to a program as a problem.
    private func told(_ problem: Problem, _ request: Request, _ context: APIContext) -> Response {
        if ProblemPage.isWanted(request, pages),
            let page = try? ProblemPage.response(to: problem, request, context, parts)
        {
            return page
        }
        return Self.response(to: problem, context.caller)
    }

    private static func response(to problem: Problem, _ caller: Caller) -> Response {
        var headers = problem.headers
        headers[.contentType] = "application/problem+json"
        headers[.cacheControl] = "no-store"
        if problem.kind == .unauthenticated { headers[.wwwAuthenticate] = "Bearer" }
        let text = problem.json(instance: caller.requestID).text
        return Response(
            status: problem.kind.status,
            headers: headers,
            body: .init(byteBuffer: ByteBuffer(string: text))
        )
    }

    private func note(_ request: Request, _ response: Response, _ context: APIContext, _ duration: Double) {
        let route = context.endpointPath ?? "none"
        let status = response.status.code
        parts.metrics.note(
            method: request.method.rawValue,
            route: route,
            status: status,
            duration: duration
        )
        let level: Logger.Level = status >= 500 ? .error : .info
        guard logger.logLevel <= level else { return }
        let principal = context.finding.principal
        var metadata: Logger.Metadata = .init([
            .requestID: context.caller.requestID, .method: request.method.rawValue, .path: request.uri.path.printable,
            .route: route, .status: "\(status)", .address: context.caller.address,
            .duration: "\(Int(duration * 1_000_000)) us",
        ])
        if let trace = context.caller.traceID { metadata.merge(.init([.traceID: trace])) { $1 } }
        if let principal {
            metadata.merge(
                .init([.subject: principal.subject, .tenant: principal.tenant?.text ?? "platform"])
            ) { $1 }
        }
        if let refusal = context.finding.refusal { metadata.merge(.init([.reason: refusal])) { $1 } }
        logger.log(level: level, "request", metadata: metadata)
    }
}
