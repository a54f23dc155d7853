import COpenSSL
import CygniModel

/// What seal and opener ask of OpenSSL alike.
enum OpenSSL {
    /// The library's own account of what went wrong.
    static func error(_ what: String) -> ArchiveError {
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(ERR_get_error(), &text, text.count)
        ERR_clear_error()
        let cause = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return ArchiveError(.other, "failed to \(what): \(cause)")
    }

    /// The certificates of a PEM text, to be freed by the caller.
    ///
    /// - Throws: ``ArchiveError`` of kind `credentials` when there is none, or one whose key is neither RSA nor EC.
    static func certificates(in text: String) throws -> [OpaquePointer] {
        let found = withInput(text) { input in
            var found: [OpaquePointer] = []
            while let certificate = PEM_read_bio_X509(input, nil, { _, _, _, _ in -1 }, nil) {
                found.append(certificate)
            }
            return found
        }
        ERR_clear_error()
        guard !found.isEmpty else { throw ArchiveError(.credentials, "the file holds no certificate in PEM form") }
        for certificate in found {
            let type = X509_get0_pubkey(certificate).map { EVP_PKEY_get_base_id($0) }
            guard type == EVP_PKEY_RSA || type == EVP_PKEY_EC else {
                found.forEach { X509_free($0) }
                throw ArchiveError(
                    .credentials,
                    "a certificate's key is neither RSA nor EC: nothing can be sealed for it"
                )
            }
        }
        return found
    }

    // Without the callbacks, OpenSSL asks whoever sits at the terminal for a passphrase.
    static func privateKey(in text: Secret) throws -> OpaquePointer {
        let key = withInput(text.reveal()) { PEM_read_bio_PrivateKey($0, nil, { _, _, _, _ in -1 }, nil) }
        ERR_clear_error()
        guard let key else {
            throw ArchiveError(.credentials, "there is no private key in PEM form, or it wants a passphrase")
        }
        return key
    }

    private static func withInput<Value>(_ text: String, _ body: (OpaquePointer?) -> Value) -> Value {
        var text = text
        return text.withUTF8 { bytes in
            let input = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
            defer { BIO_free(input) }
            return body(input)
        }
    }
}
