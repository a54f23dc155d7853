import CygniTestSupport
import Foundation
import Testing

/// A browser as far as the server can tell: keeps cookies, takes the code of a form from the page it is on, and says where a
/// form comes from.
final class PageVisitor {
    let server: ServedAPI
    var cookies: [String: String] = [:]

    init(_ server: ServedAPI) { self.server = server }

    private var cookieField: [(name: String, value: String)] {
        cookies.isEmpty
            ? [] : [("Cookie", cookies.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: "; "))]
    }

    private func keep(_ answer: ServedAPI.Answer) {
        for header in answer.headers where header.name.lowercased() == "set-cookie" {
            let pair = header.value.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1).map(String.init)
            cookies[pair[0]] = header.value.contains("Max-Age=0;") ? nil : pair.count > 1 ? pair[1] : ""
        }
    }

    func get(_ path: String, headers: [(name: String, value: String)] = []) async throws -> ServedAPI.Answer {
        let answer = try await server.ask("GET", path, headers: cookieField + headers)
        keep(answer)
        return answer
    }

    /// The code of the forms on a page.
    func code(on path: String) async throws -> String {
        let page = try await get(path)
        return page.text.firstMatch(of: /name="form" value="([^"]*)"/).map { String($0.output.1) } ?? ""
    }

    /// - Parameters:
    ///   - code: nil: the form has none.
    ///   - from: what the browser says of where the form comes from.
    func send(
        _ path: String,
        _ fields: [String: String] = [:],
        code: String?,
        from: [(name: String, value: String)] = [("Sec-Fetch-Site", "same-origin")]
    ) async throws -> ServedAPI.Answer {
        var all = fields
        all["form"] = code
        let body = all.sorted { $0.key < $1.key }.map { "\($0)=\($1.formEncoded)" }.joined(separator: "&")
        let type = [(name: "Content-Type", value: "application/x-www-form-urlencoded")]
        let answer = try await server.ask("POST", path, body: body, headers: cookieField + type + from)
        keep(answer)
        return answer
    }

    /// What stands behind the # of a link of the tool's.
    static func link(_ server: ServedAPI, _ arguments: [String] = ["--operator"]) async throws -> String {
        let made = try await server.tool(["token", "link", "--subject", "anna@example.test"] + arguments)
        #expect(made.status == 0, "\(made)")
        return made.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Signs in with a new link.
    @discardableResult
    func signIn() async throws -> ServedAPI.Answer {
        let link = try await Self.link(server)
        let answer = try await send("/sign-in", ["link": link], code: code(on: "/sign-in"))
        #expect(answer.status == 303 && answer.header("Location") == "/", "\(answer)")
        return answer
    }
}

extension String {
    fileprivate var formEncoded: String {
        addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}
