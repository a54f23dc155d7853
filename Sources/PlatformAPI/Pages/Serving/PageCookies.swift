import CygniAccess
import Hummingbird
import HTTPTypes

/// The cookies of the page.
///
/// Behind https their names bind them to this very host and to TLS (`__Host-`, RFC 6265bis, 4.1.3.2). Over plain http, which
/// is for loopback, a browser would not take such a name.
struct PageCookies: Sendable {
    let isSecure: Bool

    init(publicURL: String) { isSecure = publicURL.hasPrefix("https:") }

    private func name(_ name: String) -> String { isSecure ? "__Host-\(name)" : name }

    /// Who is signed in. A link on another site leads in, so it comes with a navigation; what is changed needs the form's code.
    var session: String { name("cygni") }
    /// Binds a form to the browser before somebody has signed in.
    var visitor: String { name("cygni-visitor") }

    func session(_ request: Request) -> RandomCredential? {
        values(session, request).first.flatMap { RandomCredential(.session, reading: $0) }
    }

    func visitor(_ request: Request) -> String? {
        values(visitor, request).first.flatMap { $0.wholeMatch(of: /[A-Za-z0-9_\-]{43}/) == nil ? nil : $0 }
    }

    /// - Parameter seconds: how long the browser keeps it; 0 removes it.
    func set(_ name: String, _ value: String, seconds: Int, sameSite: String) -> String {
        "\(name)=\(value); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=\(sameSite)" + (isSecure ? "; Secure" : "")
    }

    /// One that came twice may have been set by a neighbour: then neither counts.
    private func values(_ name: String, _ request: Request) -> [String] {
        let pairs = request.headers[values: .cookie].flatMap { $0.split(separator: ";") }
        let found = pairs.compactMap { pair -> String? in
            let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            return parts.count == 2 && parts[0] == name ? String(parts[1]) : nil
        }
        return found.count == 1 ? found : []
    }
}
