import HTTPTypes
import Hummingbird

/// A fault as a page: what is wrong, what to do, and the request's id for whoever looks into the log.
enum ProblemPage {
    private struct Content: Sendable {
        let headline: String
        let words: String
        let advice: String?
        let requestID: String
        let statusCode: Int
    }

    /// Whether a fault of this request is to be told to a person: it is for a page, or for nothing of the API from a browser.
    static func isWanted(_ request: Request, _ routes: [PageRoute]) -> Bool {
        let path = request.uri.path
        if routes.contains(where: { $0.covers(path) }) { return true }
        let isOfAPI = ["/v1/", "/v2/", "/.well-known/", "/healthz", "/readyz", "/metrics"].contains(
            where: path.hasPrefix
        )
        return !isOfAPI && request.headers[.accept]?.contains("text/html") == true
    }

    static func response(to problem: Problem, _ request: Request, _ context: APIContext, _ parts: ServerParts) throws
        -> Response
    {
        let view = PageView(
            template: "problem",
            title: headline(problem),
            content: Content(
                headline: headline(problem),
                words: words(problem),
                advice: advice(problem.kind),
                requestID: context.caller.requestID,
                statusCode: problem.kind.status.code
            ),
            status: problem.kind.status
        )
        var response = try PageWriter(parts: parts).response(view, request, context.finding.session)
        for field in problem.headers { response.headers[field.name] = field.value }
        return response
    }

    private static func headline(_ problem: Problem) -> String {
        switch problem.kind {
        case .notFound: "There is nothing here"
        case .forbidden: "This was refused"
        case .unavailable: "Out of reach"
        case .busy: "Too much to do"
        case .timedOut: "It took too long"
        case .conflict: "That is not possible now"
        case .internalError: "The server failed"
        case .methodNotAllowed: "That cannot be done here"
        default: "The request was not understood"
        }
    }

    private static func words(_ problem: Problem) -> String {
        guard let detail = problem.detail else { return "\(problem.kind.title)." }
        let sentence = detail.prefix(1).uppercased() + detail.dropFirst()
        return sentence.hasSuffix(".") ? sentence : sentence + "."
    }

    private static func advice(_ kind: Problem.Kind) -> String? {
        switch kind {
        case .unavailable: "Nothing was lost: load the page again in a moment. /readyz tells what is missing."
        case .busy, .timedOut: "Load the page again in a moment."
        case .internalError: "The server's log tells why, under the id of this request."
        default: nil
        }
    }
}

extension PageRoute {
    /// Whether a path is one of this route's.
    func covers(_ path: String) -> Bool {
        let (own, given) = (self.path.split(separator: "/"), path.split(separator: "/"))
        return own.count == given.count && zip(own, given).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}
