import CygniAccess
import CygniModel
import Foundation
import HTTPTypes
import Hummingbird
import Logging

/// A request for a page that passed every check of its route.
struct PageCall: Sendable {
    let request: Request
    let parameters: Parameters
    /// What a form sent.
    let form: [String: String]
    let session: SessionBook.PageSession?
    let caller: Caller
    let server: ServerParts
    let logger: Logger
    /// When it came: what is shown is told from then.
    let now: Timestamp

    /// Who is on record for what the call changes.
    var actor: String { session?.principal.subject ?? "nobody" }

    /// Where the call comes from, for the audit log.
    var origin: [(name: String, value: JSONValue)] {
        [("address", .string(caller.address)), ("request_id", .string(caller.requestID))]
    }

    /// A value of the address's query; nil: not given, empty, or of no use.
    func query(_ name: String, longest: Int = 200) -> String? {
        guard let text = request.uri.queryParameters.get(name), !text.isEmpty, text.utf8.count <= longest,
            !text.unicodeScalars.contains(where: \.mustBeEscaped)
        else { return nil }
        return text
    }

    /// One of some choices of the query.
    func query(_ name: String, of choices: [String]) -> String? {
        query(name).flatMap { choices.contains($0) ? $0 : nil }
    }

    /// A part of the path.
    func path(_ name: String) -> String { parameters.get(name).flatMap(\.removingPercentEncoding) ?? "" }

    /// - Throws: ``Problem`` of kind `not-found` for what is no id.
    func id(_ name: String = "id") throws -> UUID {
        guard let id = UUID(uuidString: path(name)) else { throw Problem(.notFound) }
        return id
    }

    /// A text of the form without blanks around it.
    ///
    /// - Throws: ``Problem`` for a text that cannot be kept.
    func text(_ name: String, longest: Int = 1000) throws -> String {
        let text = form[name, default: ""].trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.count <= longest else { throw Problem(.invalidRequest, "\(name) may have \(longest) characters") }
        let isPlain = text.unicodeScalars.allSatisfy { !$0.mustBeEscaped || $0 == "\n" || $0 == "\r" || $0 == "\t" }
        guard isPlain else { throw Problem(.invalidRequest, "\(name) has a character that cannot be kept") }
        return text
    }
}

/// What a page answers.
enum PageReply: Sendable {
    case page(PageView)
    /// With GET (RFC 9110, 15.4.4), to a path of this server.
    case redirect(String, cookies: [String] = [])
    /// As an operation of the API would.
    case plain(Reply)
}

/// A page to be written: its template and what stands in it.
struct PageView: Sendable {
    /// The name of the template.
    let template: String
    /// Of the browser's tab, without the name of the product.
    let title: String
    /// What goes into the template.
    let content: any Sendable
    var status = HTTPResponse.Status.ok
    var cookies: [String] = []
}
