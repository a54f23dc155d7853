import Crypto
import CryptoExtras
import CygniModel
import FoundationEssentials
import SwiftASN1
import X509

/// The private key of a certificate, and what is made with it.
struct CertificateKey: Sendable {
    let type: KeyType
    private let key: Certificate.PrivateKey

    /// A new one.
    init(_ type: KeyType) throws {
        self.type = type
        key =
            switch type {
            case .p256: Certificate.PrivateKey(P256.Signing.PrivateKey())
            case .p384: Certificate.PrivateKey(P384.Signing.PrivateKey())
            case .rsa2048: Certificate.PrivateKey(try _RSA.Signing.PrivateKey(keySize: .bits2048))
            case .rsa3072: Certificate.PrivateKey(try _RSA.Signing.PrivateKey(keySize: .bits3072))
            case .rsa4096: Certificate.PrivateKey(try _RSA.Signing.PrivateKey(keySize: .bits4096))
            }
    }

    init(pem: String) throws {
        key = try Certificate.PrivateKey(pemEncoded: pem)
        type = Self.type(of: key)
    }

    func pem() throws -> String { try key.serializeAsPEM().pemString + "\n" }

    /// SHA-256 of the public half, hexadecimal.
    func spki() throws -> String { try Self.digest(key.publicKey) }

    static func digest(_ key: Certificate.PublicKey) throws -> String {
        SHA256.hash(data: Array(try key.serializeAsPEM().derBytes)).hex
    }

    /// A request for names and addresses (RFC 2986), DER. No common name: CAs choose it, or leave it out.
    func request(_ names: [String]) throws -> [UInt8] {
        let extensions = try Certificate.Extensions {
            SubjectAlternativeNames(names.map { CertificateName($0).generalName })
        }
        let request = try CertificateSigningRequest(
            version: .v1,
            subject: DistinguishedName(),
            privateKey: key,
            attributes: .init([.init(ExtensionRequest(extensions: extensions))])
        )
        var serializer = DER.Serializer()
        try serializer.serialize(request)
        return serializer.serializedBytes
    }

    private static func type(of key: Certificate.PrivateKey) -> KeyType {
        // The description names the kind, and RSA's size: "RSA2048.PrivateKey".
        let words = key.description
        if words.hasPrefix("P384") { return .p384 }
        if words.hasPrefix("RSA") {
            let bits = Int(words.dropFirst(3).prefix { $0.isNumber }) ?? 2048
            return bits >= 4096 ? .rsa4096 : bits >= 3072 ? .rsa3072 : .rsa2048
        }
        return .p256
    }
}
