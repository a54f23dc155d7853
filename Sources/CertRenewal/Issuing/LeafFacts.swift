import Crypto
package import CygniACME
import CygniModel
import FoundationEssentials
import SwiftASN1
import X509

/// What a chain of certificates says, leaf first.
package struct LeafFacts: Hashable, Sendable {
    package let validity: Validity
    /// Hexadecimal.
    package let serial: String
    /// SHA-256 of the leaf's DER, hexadecimal.
    package let fingerprint: String
    /// Of the public key, SHA-256, hexadecimal.
    package let spki: String
    package let names: [String]
    /// The issuer's common name, else all of its name.
    package let issuer: String
    /// The common name of who signed the last certificate of the chain.
    package let root: String
    /// RFC 9773, section 4.1; nil without the extension that it is made from.
    package let ariID: String?
    /// The leaf's DER.
    package let der: [UInt8]
    /// What follows the leaf, PEM.
    package let intermediates: String
    package let leafPEM: String

    /// - Throws: ``ACMEError/malformed(_:)`` for a chain that cannot be read.
    package init(pem: String) throws(ACMEError) {
        do {
            let documents = try PEMDocument.parseMultiple(pemString: pem)
            guard let first = documents.first, let last = documents.last else {
                throw ACMEError.malformed("a chain without a certificate")
            }
            let leaf = try Certificate(pemDocument: first)
            let end = try Certificate(pemDocument: last)
            der = first.derBytes
            leafPEM = first.pemString + "\n"
            intermediates = documents.dropFirst().map { $0.pemString + "\n" }.joined()
            validity = Validity(
                notBefore: Timestamp(microseconds: Int64((leaf.notValidBefore.timeIntervalSince1970 * 1e6).rounded())),
                notAfter: Timestamp(microseconds: Int64((leaf.notValidAfter.timeIntervalSince1970 * 1e6).rounded()))
            )
            let bytes = Array(leaf.serialNumber.bytes)
            serial = bytes.hex
            fingerprint = SHA256.hash(data: der).hex
            spki = try CertificateKey.digest(leaf.publicKey)
            names = (try leaf.extensions.subjectAlternativeNames ?? SubjectAlternativeNames([])).compactMap(Self.text)
            issuer = Self.commonName(leaf.issuer)
            root = Self.commonName(end.issuer)
            let authority = try leaf.extensions.authorityKeyIdentifier?.keyIdentifier
            // A positive number whose first bit is set has a zero in front, in DER.
            let padded = (bytes.first ?? 0) & 0x80 == 0 ? bytes : [0] + bytes
            ariID = authority.map { "\(Base64URL.encode($0)).\(Base64URL.encode(padded))" }
        } catch let error as ACMEError {
            throw error
        } catch {
            throw .malformed("a certificate that can't be read: \(error)")
        }
    }

    private static func text(_ name: GeneralName) -> String? {
        switch name {
        case .dnsName(let name): name.lowercased()
        case .ipAddress(let bytes): CertificateName.address(Array(bytes.bytes)).identifier.value
        default: nil
        }
    }

    private static func commonName(_ name: DistinguishedName) -> String {
        for attribute in name.lazy.flatMap({ $0 }) where attribute.type == .RDNAttributeType.commonName {
            return String(describing: attribute.value)
        }
        return String(describing: name)
    }
}
