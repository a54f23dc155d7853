import Crypto
package import CygniModel
import FoundationEssentials

/// A random text that lets its holder in, and what is kept of it: a name to find it by, and a hash.
///
/// `cyg_` (a key), `cyr_` (a refresh token), `cyl_` (a sign-in link) or `cys_` (a session of the page), then 256 random bits in
/// base64url. The hash needs no salt and no stretching: nobody guesses 256 bits.
package struct RandomCredential: Sendable {
    package enum Kind: String, Sendable {
        case key = "cyg_"
        case refresh = "cyr_"
        case link = "cyl_"
        case session = "cys_"
    }

    /// To be shown once, to its holder.
    package let text: Secret
    /// SHA-256 of the text.
    package let hash: [UInt8]
    /// Its first characters, by which people tell keys apart.
    package let hint: String

    package init(_ kind: Kind) {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let text = kind.rawValue + Base64URL.encode(bytes)
        self.init(text: text)
    }

    private init(text: String) {
        self.text = Secret(text)
        hash = Array(SHA256.hash(data: Data(text.utf8)))
        hint = String(text.prefix(10))
    }

    /// Reads one that was sent to us.
    ///
    /// - Returns: nil when it has not the form.
    package init?(_ kind: Kind, reading text: String) {
        guard text.hasPrefix(kind.rawValue), Base64URL.decode(exactly: text.dropFirst(4))?.count == 32 else {
            return nil
        }
        self.init(text: text)
    }

    /// Reads one that stands behind the `#` of an address, or by itself.
    package init?(_ kind: Kind, inAddress text: String) {
        let end = text.split(separator: "#", omittingEmptySubsequences: false).last ?? ""
        self.init(kind, reading: String(end.filter { !$0.isWhitespace }))
    }
}
