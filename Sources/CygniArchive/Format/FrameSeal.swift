import COpenSSL
package import CygniModel

/// Seals frames for the holders of some X.509 certificates: CMS AuthEnvelopedData with AES-256-GCM (RFC 5083, RFC 5084).
///
/// Each frame has a content key of its own, sealed for each recipient: RSA with OAEP and SHA-256 (RFC 8017), or ECDH
/// (RFC 5753). Nothing here can open what it wrote. Unchecked, as OpenSSL counts references to certificates atomically.
package final class FrameSeal: @unchecked Sendable {
    /// Who can open what is sealed.
    package let recipients: [Recipient]
    private let certificates: [OpaquePointer]

    /// - Parameter certificates: PEM texts, one certificate or more in each.
    package init(certificates texts: [String]) throws {
        var found: [OpaquePointer] = []
        do {
            for text in texts { found += try OpenSSL.certificates(in: text) }
            recipients = try found.map(Recipient.init(certificate:))
        } catch {
            found.forEach { X509_free($0) }
            throw error
        }
        certificates = found
    }

    deinit {
        certificates.forEach { X509_free($0) }
    }

    /// One DER-encoded ContentInfo.
    package func seal(_ bytes: UnsafeRawBufferPointer) throws -> [UInt8] {
        let flags = UInt32(CMS_BINARY) | UInt32(CMS_PARTIAL)
        guard let message = CMS_encrypt(nil, nil, EVP_aes_256_gcm(), flags) else { throw OpenSSL.error("seal a frame") }
        defer { CMS_ContentInfo_free(message) }
        for certificate in certificates {
            let flags = UInt32(CMS_KEY_PARAM)
            guard let recipient = CMS_add1_recipient_cert(message, certificate, flags) else {
                throw OpenSSL.error("seal a frame")
            }
            if CMS_RecipientInfo_type(recipient) == CMS_RECIPINFO_TRANS {
                let context = CMS_RecipientInfo_get0_pkey_ctx(recipient)
                guard EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0,
                    EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) > 0
                else { throw OpenSSL.error("seal a frame") }
            }
        }
        guard let input = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else {
            throw OpenSSL.error("seal a frame")
        }
        defer { BIO_free(input) }
        guard CMS_final(message, input, nil, UInt32(CMS_BINARY)) == 1 else { throw OpenSSL.error("seal a frame") }
        let size = i2d_CMS_ContentInfo(message, nil)
        guard size > 0 else { throw OpenSSL.error("seal a frame") }
        return [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
            var pointer = buffer.baseAddress
            count = Int(i2d_CMS_ContentInfo(message, &pointer))
        }
    }
}

/// Opens sealed frames with a private key.
package final class FrameOpener: @unchecked Sendable {
    private let certificate: OpaquePointer
    private let key: OpaquePointer

    /// - Parameters:
    ///   - certificate: PEM text of the certificate that a frame was sealed for.
    ///   - key: its private key, PEM, without a passphrase.
    /// - Throws: ``ArchiveError`` of kind `credentials`.
    package init(certificate: String, key: Secret) throws {
        let found = try OpenSSL.certificates(in: certificate)
        self.certificate = found[0]
        found.dropFirst().forEach { X509_free($0) }
        do {
            self.key = try OpenSSL.privateKey(in: key)
        } catch {
            X509_free(self.certificate)
            throw error
        }
        guard X509_check_private_key(self.certificate, self.key) == 1 else {
            throw ArchiveError(.credentials, "the private key does not belong to the certificate")
        }
    }

    deinit {
        X509_free(certificate)
        EVP_PKEY_free(key)
    }

    /// The content of a sealed frame. Not one byte of it is there before its tag was checked.
    ///
    /// - Throws: ``ArchiveError``: `damaged`, or `sealed` when it is for others.
    package func open(_ bytes: UnsafeRawBufferPointer) throws -> [UInt8] {
        var pointer = bytes.bindMemory(to: UInt8.self).baseAddress
        let start = pointer
        guard let message = d2i_CMS_ContentInfo(nil, &pointer, bytes.count) else {
            ERR_clear_error()
            throw ArchiveError(.damaged, "a sealed frame is no CMS message")
        }
        defer { CMS_ContentInfo_free(message) }
        guard let pointer, let start, pointer - start == bytes.count,
            OBJ_obj2nid(CMS_get0_type(message)) == NID_id_smime_ct_authEnvelopedData
        else { throw ArchiveError(.damaged, "a sealed frame is no AuthEnvelopedData of its length") }
        guard CMS_decrypt_set1_pkey(message, key, certificate) == 1 else {
            ERR_clear_error()
            throw ArchiveError(.sealed, "a frame is sealed for others than the owner of this key")
        }
        guard let output = BIO_new(BIO_s_mem()) else { throw OpenSSL.error("open a frame") }
        defer { BIO_free(output) }
        // What was decrypted stays in this buffer until CMS_decrypt has compared the tag, which is its last act.
        guard CMS_decrypt(message, nil, nil, nil, output, UInt32(CMS_BINARY)) == 1 else {
            ERR_clear_error()
            throw ArchiveError(.damaged, "a sealed frame was changed: its authentication tag does not fit")
        }
        var content: UnsafeMutablePointer<CChar>?
        let count = cygni_bio_bytes(output, &content)
        return Array(UnsafeRawBufferPointer(start: content, count: count))
    }
}
