import COpenSSL
import CygniModel

/// One who can open sealed frames, as the manifest names them.
package struct Recipient: Hashable, Sendable, Codable {
    /// RFC 2253 names.
    package let subject: String
    package let issuer: String
    /// Hexadecimal.
    package let serial: String
    /// SHA-256 of the DER certificate, hexadecimal.
    package let fingerprint: String

    init(certificate: OpaquePointer) throws {
        subject = try Self.text(X509_get_subject_name(certificate))
        issuer = try Self.text(X509_get_issuer_name(certificate))
        let number = ASN1_INTEGER_to_BN(X509_get_serialNumber(certificate), nil)
        defer { BN_free(number) }
        let digits = BN_bn2hex(number)
        defer { CRYPTO_free(digits, nil, 0) }
        serial = digits.map { String(cString: $0) } ?? ""
        var digest = [UInt8](repeating: 0, count: 32)
        guard X509_digest(certificate, EVP_sha256(), &digest, nil) == 1 else {
            throw OpenSSL.error("read a certificate")
        }
        fingerprint = digest.hex
    }

    private static func text(_ name: OpaquePointer?) throws -> String {
        guard let output = BIO_new(BIO_s_mem()) else { throw OpenSSL.error("read a certificate") }
        defer { BIO_free(output) }
        X509_NAME_print_ex(output, name, 0, cygni_name_rfc2253)
        var bytes: UnsafeMutablePointer<CChar>?
        let count = cygni_bio_bytes(output, &bytes)
        return String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
}
