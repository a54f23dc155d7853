import CCurl

/// Why an exchange came to no answer, or to a cut-off one.
package struct HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// The name has no address.
        case resolve
        /// No connection, or none in time.
        case connect
        /// The address is one that the policy does not allow.
        case address
        /// The certificate does not prove the server, or TLS failed otherwise.
        case tls
        /// A time limit passed.
        case timeout
        /// The connection ended before the answer did.
        case cut
        /// The answer is longer than the limit.
        case tooLarge
        /// The request itself cannot be sent: a malformed URL, a body that could not be read.
        case request
        case other
    }

    package let kind: Kind
    /// The cause, for a person.
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// - Parameter detail: what libcurl wrote into the error buffer; may be empty.
    init(code: CURLcode, detail: String) {
        let text = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
        self.init(Self.kind(of: code), text)
    }

    private static func kind(of code: CURLcode) -> Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .resolve
        case CURLE_COULDNT_CONNECT, CURLE_PROXY: .connect
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CIPHER:
            .tls
        case CURLE_OPERATION_TIMEDOUT: .timeout
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE, CURLE_HTTP2,
            CURLE_HTTP2_STREAM, CURLE_WEIRD_SERVER_REPLY:
            .cut
        case CURLE_FILESIZE_EXCEEDED: .tooLarge
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_READ_ERROR, CURLE_ABORTED_BY_CALLBACK: .request
        default: .other
        }
    }

    /// Whether the same request may fare better a moment later.
    package var isTransient: Bool {
        switch kind {
        case .resolve, .connect, .timeout, .cut: true
        case .address, .tls, .tooLarge, .request, .other: false
        }
    }
}
