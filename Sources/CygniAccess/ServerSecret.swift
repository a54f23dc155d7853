import Crypto
package import CygniModel
import FoundationEssentials

/// Keys derived from the server's one secret, each for one purpose (RFC 5869).
package struct ServerSecret: Sendable {
    /// What a code is for; codes of one purpose are of no use for another.
    package enum Purpose: String, CaseIterable, Sendable {
        case cursor, badge, form
    }

    /// Each has taken in its key already.
    private let codes: [Purpose: HMAC<SHA256>]

    /// - Parameter text: 32 bytes in base64, as `openssl rand -base64 32` prints them.
    /// - Returns: nil for anything else.
    package init?(_ text: Secret) {
        guard let bytes = Data(base64Encoded: text.reveal().filter { !$0.isWhitespace }), bytes.count == 32 else {
            return nil
        }
        let root = SymmetricKey(data: bytes)
        let pairs = Purpose.allCases.map { purpose in
            let info = Data(purpose.rawValue.utf8)
            let key = HKDF<SHA256>.deriveKey(inputKeyMaterial: root, info: info, outputByteCount: 32)
            return (purpose, HMAC<SHA256>(key: key))
        }
        codes = Dictionary(uniqueKeysWithValues: pairs)
    }

    /// A message authentication code (HMAC-SHA-256), 32 bytes.
    ///
    /// - Parameter parts: what it covers, each by itself: two lists of parts never have the same code.
    package func code(_ purpose: Purpose, _ parts: [String]) -> [UInt8] {
        guard var code = codes[purpose] else { preconditionFailure("every purpose has its key") }
        var text: [UInt8] = []
        for part in parts { text += "\(part.utf8.count):\(part),".utf8 }
        code.update(data: text)
        return Array(code.finalize())
    }
}
