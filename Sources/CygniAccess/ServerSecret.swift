import Crypto
package import CygniModel
import FoundationEssentials

/// Keys derived from the server's one secret, each for one purpose (RFC 5869).
package struct ServerSecret: Sendable {
    private let root: SymmetricKey

    /// - Parameter text: 32 bytes in base64, as `openssl rand -base64 32` prints them.
    /// - Returns: nil for anything else.
    package init?(_ text: Secret) {
        guard let bytes = Data(base64Encoded: text.reveal().filter { !$0.isWhitespace }), bytes.count == 32 else {
            return nil
        }
        root = SymmetricKey(data: bytes)
    }

    /// A message authentication code (HMAC-SHA-256), 32 bytes.
    ///
    /// - Parameters:
    ///   - purpose: what the code is for; codes of one purpose are of no use for another.
    ///   - parts: what it covers, each by itself: two lists of parts never have the same code.
    package func code(_ purpose: String, _ parts: [String]) -> [UInt8] {
        let key = HKDF<SHA256>.deriveKey(inputKeyMaterial: root, info: Data(purpose.utf8), outputByteCount: 32)
        return Array(HMAC<SHA256>.authenticationCode(for: Self.joined(parts), using: key))
    }

    /// Compares in a time that does not depend on where they differ.
    package func isCode(_ code: [UInt8], _ purpose: String, _ parts: [String]) -> Bool {
        let key = HKDF<SHA256>.deriveKey(inputKeyMaterial: root, info: Data(purpose.utf8), outputByteCount: 32)
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Self.joined(parts), using: key)
    }

    private static func joined(_ parts: [String]) -> Data {
        Data(parts.map { "\($0.utf8.count):\($0)," }.joined().utf8)
    }
}
