package import CygniModel

/// RFC 8555, section 7.3.
extension ACMEClient {
    /// A key that a CA handed out to bind an account to a customer's (section 7.3.4).
    package struct ExternalAccount: Sendable {
        package let kid: String
        package let mac: Secret

        package init(kid: String, mac: Secret) { (self.kid, self.mac) = (kid, mac) }
    }

    /// The account of a key; made when the CA does not have it yet.
    package func register(_ key: AccountKey, contact: [String], external: ExternalAccount?) async throws -> Account {
        let offers = try await offers()
        var payload: [(name: String, value: JSONValue)] = [("termsOfServiceAgreed", .bool(true))]
        if !contact.isEmpty { payload.append(("contact", .array(contact.map { .string("mailto:\($0)") }))) }
        if let external {
            guard let mac = Base64URL.decode(external.mac.reveal().filter { !$0.isWhitespace }) else {
                throw ACMEError.unsupported("an external account key that is not base64url")
            }
            let binding = try SignedMessage(
                key.jwk,
                to: offers.newAccount,
                nonce: nil,
                by: .external(kid: external.kid, mac: mac)
            )
            payload.append(("externalAccountBinding", binding.json))
        } else if offers.meta?.externalAccountRequired == true {
            throw ACMEError.unsupported("accounts without an external one: set external_account for this CA")
        }
        let reply = try await post(offers.newAccount, .object(payload), .key(key))
        return Account(url: try reply.location(), key: key)
    }

    /// Another key for the same account (section 7.3.5).
    package func change(_ account: Account, to key: AccountKey) async throws -> Account {
        guard let url = try await offers().keyChange else {
            throw ACMEError.unsupported("a change of the account's key")
        }
        let inner = try SignedMessage(
            .object([("account", .string(account.url)), ("oldKey", account.key.jwk)]),
            to: url,
            nonce: nil,
            by: .key(key)
        )
        _ = try await post(url, inner.json, .account(account.key, url: account.url))
        return Account(url: account.url, key: key)
    }
}
