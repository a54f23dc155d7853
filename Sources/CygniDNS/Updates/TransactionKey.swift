import Crypto
package import CygniModel
import FoundationEssentials

/// A key that updates are signed with (TSIG, RFC 8945).
package struct TransactionKey: Sendable {
    let name: DomainName
    /// `hmac-sha256` and longer ones.
    let algorithm: String
    private let key: SymmetricKey

    /// What names the algorithms that ``init(name:algorithm:secret:)`` knows.
    package static let algorithms = ["hmac-sha256", "hmac-sha384", "hmac-sha512"]

    /// - Parameter secret: the key, in base64.
    /// - Returns: nil for a name or a key that is none.
    package init?(name: String, algorithm: String, secret: Secret) {
        let text = secret.reveal().filter { !$0.isWhitespace }
        guard let name = DomainName(name), let bytes = Data(base64Encoded: text), !bytes.isEmpty else { return nil }
        self.name = name
        self.algorithm = algorithm
        key = SymmetricKey(data: bytes)
    }

    func mac(_ bytes: [UInt8]) -> [UInt8] {
        switch algorithm {
        case "hmac-sha384": Array(HMAC<SHA384>.authenticationCode(for: bytes, using: key))
        case "hmac-sha512": Array(HMAC<SHA512>.authenticationCode(for: bytes, using: key))
        default: Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
        }
    }
}
