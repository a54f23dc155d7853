import CygniHTTP
import CygniModel

/// RFC 8555, sections 7.4 and 7.5; RFC 9773, section 5.
extension ACMEClient {
    /// What a certificate is wanted for.
    package struct Wish: Sendable {
        package var identifiers: [ACMEIdentifier]
        /// The certificate that it is to replace (RFC 9773, section 4.1).
        package var replaces: String?
        package var profile: String?

        package init(_ identifiers: [ACMEIdentifier], replaces: String? = nil, profile: String? = nil) {
            (self.identifiers, self.replaces, self.profile) = (identifiers, replaces, profile)
        }
    }

    /// - Returns: the order and its URL.
    package func order(_ wish: Wish, _ account: Account) async throws -> (url: String, order: ACMEOrder) {
        var payload: [(name: String, value: JSONValue)] = [("identifiers", .array(wish.identifiers.map(\.json)))]
        if let replaces = wish.replaces { payload.append(("replaces", .string(replaces))) }
        if let profile = wish.profile { payload.append(("profile", .string(profile))) }
        let reply = try await post(try await offers().newOrder, .object(payload), account.signer)
        return (try reply.location(), try reply.decode(ACMEOrder.self, "order"))
    }

    package func order(at url: String, _ account: Account) async throws -> (order: ACMEOrder, retryAfter: Duration?) {
        let reply = try await post(url, nil, account.signer)
        return (try reply.decode(ACMEOrder.self, "order"), reply.retryAfter)
    }

    package func authorization(
        at url: String,
        _ account: Account
    ) async throws -> (authorization: ACMEAuthorization, retryAfter: Duration?) {
        let reply = try await post(url, nil, account.signer)
        return (try reply.decode(ACMEAuthorization.self, "authorization"), reply.retryAfter)
    }

    /// Tells the CA that a challenge may be looked at (section 7.5.1).
    package func respond(to challenge: ACMEChallenge, _ account: Account) async throws {
        _ = try await post(challenge.url, .object([]), account.signer)
    }

    /// - Parameter csr: DER.
    package func finalize(_ order: ACMEOrder, csr: [UInt8], _ account: Account) async throws -> ACMEOrder {
        let payload = JSONValue.object([("csr", .string(Base64URL.encode(csr)))])
        return try (try await post(order.finalize, payload, account.signer)).decode(ACMEOrder.self, "order")
    }

    /// A chain and what the CA offers beside it (section 7.4.2).
    ///
    /// - Returns: PEM, leaf first, and the URLs of alternate chains.
    package func chain(at url: String, _ account: Account) async throws -> (pem: String, alternates: [String]) {
        let reply = try await post(url, nil, account.signer)
        let pem = String(decoding: reply.body, as: UTF8.self)
        guard pem.contains("-----BEGIN CERTIFICATE-----") else {
            throw ACMEError.malformed("certificate: \(Self.excerpt(reply.body))")
        }
        let links = reply.response.headers.filter { $0.name == "link" }.flatMap {
            LinkHeader.targets($0.value, "alternate")
        }
        return (pem, links)
    }

    /// RFC 8555, section 7.6; the reason is a number of RFC 5280, section 5.3.1.
    ///
    /// - Parameter der: the certificate.
    package func revoke(_ der: [UInt8], reason: Int, _ account: Account) async throws {
        guard let url = try await offers().revokeCert else { throw ACMEError.unsupported("revocation") }
        let payload = JSONValue.object([
            ("certificate", .string(Base64URL.encode(der))), ("reason", .integer(reason)),
        ])
        do {
            _ = try await post(url, payload, account.signer)
        } catch let error as ACMEError where error.problem?.type == "alreadyRevoked" {
            return
        }
    }

    /// When the CA would like a certificate to be renewed; nil when it does not say.
    ///
    /// - Parameter certificate: AKI and serial (RFC 9773, section 4.1).
    package func renewalInfo(_ certificate: String) async throws -> RenewalInfo? {
        guard let base = try await offers().renewalInfo else { return nil }
        let reply = try await send("GET", base.hasSuffix("/") ? base + certificate : "\(base)/\(certificate)", nil)
        return try RenewalInfo(reply.body, retryAfter: reply.retryAfter)
    }
}

extension ACMEClient.Account {
    var signer: SignedMessage.Signer { .account(key, url: url) }
}

/// RFC 8288.
enum LinkHeader {
    /// Where links of a relation lead: `<https://ca.example/cert/1/alternate/1>;rel="alternate"`.
    static func targets(_ value: String, _ relation: String) -> [String] {
        value.split(separator: ",").compactMap { link in
            let parts = link.split(separator: ";").map { $0.drop { $0 == " " } }
            guard let target = parts.first, target.hasPrefix("<"), let end = target.firstIndex(of: ">") else {
                return nil
            }
            let isMeant = parts.dropFirst().contains { $0 == "rel=\"\(relation)\"" || $0 == "rel=\(relation)" }
            return isMeant ? String(target[target.index(after: target.startIndex)..<end]) : nil
        }
    }
}
