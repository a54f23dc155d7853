import CygniAccess
import CygniModel
import HTTPTypes
import Hummingbird

/// Keeps other sites from sending forms in the name of who is signed in, or from signing somebody in as somebody else.
///
/// A form carries a code that only the server can make, bound to the session, or before there is one, to a cookie. It is
/// made anew for each page, so that what is compressed beside it tells nothing of it. Besides, a browser says where a form
/// comes from (Fetch Metadata; Origin, RFC 6454): anywhere else is refused, and so is a request that does not say.
struct FormGuard: Sendable {
    let secret: ServerSecret
    let publicURL: String

    /// The name of the field.
    static let field = "form"

    /// - Parameter holder: what the code is bound to.
    func code(for holder: String) -> String {
        var generator = SystemRandomNumberGenerator()
        let nonce = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return Base64URL.encode(nonce + mac(holder, nonce))
    }

    /// Takes as long whatever is wrong with it.
    func isCode(_ text: String, for holder: String) -> Bool {
        guard text.utf8.count == 64, let bytes = Base64URL.decode(exactly: text), bytes.count == 48 else {
            return false
        }
        let expected = mac(holder, Array(bytes.prefix(16)))
        return zip(expected, bytes.dropFirst(16)).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private func mac(_ holder: String, _ nonce: [UInt8]) -> [UInt8] {
        secret.code(.form, [holder, Base64URL.encode(nonce)])
    }

    /// Whether the browser says that the request was made by a page of ours.
    func isOurs(_ request: Request) -> Bool {
        let site = request.headers[.secFetchSite]
        let origin = request.headers[.origin]
        guard site != nil || origin != nil else { return false }
        if let site, site != "same-origin" { return false }
        guard let origin else { return true }
        // The Host that a browser sends is the one that it asks, whatever a page would like.
        return origin == publicURL || Self.authority(origin).map { $0 == request.head.authority } ?? false
    }

    private static func authority(_ origin: String) -> String? {
        origin.wholeMatch(of: /https?:\/\/([^\/@]+)/).map { String($0.output.1) }
    }
}

extension SessionBook.PageSession {
    /// What the codes of its forms are bound to.
    var formHolder: String { "session " + Base64URL.encode(hash) }
}
