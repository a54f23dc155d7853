import Crypto
package import CygniModel
import FoundationEssentials

/// Keys derived from the server's one secret, each for one purpose (RFC 5869).
package struct ServerSecret: Sendable {
    /// What a code is for; codes of one purpose are of no use for another.
    package enum Purpose: String, CaseIterable, Sendable {
        case cursor, badge, form
    }

    private let keys: [Purpose: SymmetricKey]

    /// - Parameter text: 32 bytes in base64, as `openssl rand -base64 32` prints them.
    /// - Returns: nil for anything else.
    package init?(_ text: Secret) {
        guard let bytes = Data(base64Encoded: text.reveal().filter { !$0.isWhitespace }), bytes.count == 32 else {
            return nil
        }
        let root = SymmetricKey(data: bytes)
        let pairs = Purpose.allCases.map { purpose in
            let info = Data(purpose.rawValue.utf8)
            return (purpose, HKDF<SHA256>.deriveKey(inputKeyMaterial: root, info: info, outputByteCount: 32))
        }
        keys = Dictionary(uniqueKeysWithValues: pairs)
    }

    /// A message authentication code (HMAC-SHA-256), 32 bytes.
    ///
    /// - Parameter parts: what it covers, each by itself: two lists of parts never have the same code.
    package func code(_ purpose: Purpose, _ parts: [String]) -> [UInt8] {
        guard let key = keys[purpose] else { preconditionFailure("every purpose has its key") }
        let text = Data(parts.map { "\($0.utf8.count):\($0)," }.joined().utf8)
        return Array(HMAC<SHA256>.authenticationCode(for: text, using: key))
    }
}
