package import CygniConfig
package import CygniModel

/// The settings of the API server: `api.yaml`, beside the shared file.
package struct APISettings: ConfigSection {
    package let listen: ListenSettings
    /// Where clients reach the server, without a slash at the end: the issuer and audience of its tokens.
    package let publicURL: String?
    /// 32 bytes in base64: cursors and forms are signed with keys derived from it.
    package let secret: Secret
    package let tokens: TokenSettings
    package let limits: LimitSettings
    package let page: PageSettings
    package let rates: [String: RateSettings]
    /// Web origins whose scripts may call the API.
    package let origins: [String]

    package init(reading reader: inout ConfigReader) {
        listen = reader.section("listen", ListenSettings.self, "Where the server listens.")
        publicURL = reader.optional(
            "public_url",
            .url(["https", "http"]),
            "Where clients reach the server: the issuer and the audience of its tokens. Left out: the address it listens on.",
            example: "https://api.example.test"
        ).map { url in
            let text = url.reveal()
            return text.hasSuffix("/") ? String(text.dropLast()) : text
        }
        secret = reader.required(
            "secret",
            .secret,
            "32 bytes in base64, as `openssl rand -base64 32` prints them. Cursors and forms are signed with keys derived from it."
        )
        tokens = reader.section("tokens", TokenSettings.self, "Access tokens and what renews them.")
        limits = reader.section("limits", LimitSettings.self, "What one request, and all of them together, may take.")
        page = reader.section("page", PageSettings.self, "The operator's page.")
        rates = reader.value(
            "rates",
            .map(of: .section("the rates of a plan"), count: 0...100),
            default: [:],
            "How many requests a tenant may make, by its plan; a plan that is not here has the defaults of each rate.",
            example: "{free: {reads: 300, writes: 60}}"
        )
        origins = reader.value(
            "origins",
            .list(of: .text, count: 0...100),
            default: [],
            "Web origins whose scripts may call the API (CORS), as https://app.example.test.",
            example: "[https://app.example.test]"
        )
        reader.check(["secret"], "must be 32 bytes in base64", ServerSecretText.isGood(secret))
        reader.check(
            ["origins"],
            "must be origins: a scheme, a host, perhaps a port, and no path",
            origins.allSatisfy { $0.wholeMatch(of: /https?:\/\/[a-z0-9.\-]+(:[0-9]{1,5})?/) != nil }
        )
    }
}

extension APISettings {
    /// Where people and clients reach the server, without a slash at the end.
    ///
    /// - Parameter port: the one that it listens on.
    package func address(port: Int) -> String { publicURL ?? "http://\(listen.address):\(port)" }
}

/// Where the server listens.
package struct ListenSettings: ConfigSection {
    package let address: String
    package let port: Int
    /// Whether the last address of X-Forwarded-For is who asks.
    package let isBehindProxy: Bool

    package init(reading reader: inout ConfigReader) {
        address = reader.value(
            "address",
            .text,
            default: "127.0.0.1",
            "The address; 0.0.0.0 or :: for all. TLS is the business of the proxy in front."
        )
        port = reader.value("port", .integer(0...65_535), default: 8080, "The port; 0: any that is free.")
        isBehindProxy = reader.value(
            "behind_proxy",
            .boolean,
            default: false,
            "Whether a proxy of ours is in front: then the last address of X-Forwarded-For is who asks."
        )
    }
}

/// Access tokens and what renews them.
package struct TokenSettings: ConfigSection {
    /// Private keys of curve P-256, PEM, by `kid`.
    package let keys: [String: Secret]
    package let current: String
    package let lifetime: Duration
    package let refreshLifetime: Duration
    package let refreshGrace: Duration

    package init(reading reader: inout ConfigReader) {
        keys = reader.value(
            "keys",
            .map(of: .secret, count: 0...20),
            default: [:],
            """
            Private keys that tokens are signed with (ES256), by name: EC, curve P-256, PEM, as `openssl ecparam -name \
            prime256v1 -genkey -noout` prints them. An old one stays until its last token is over.
            """,
            example: "{'2026-11': {file: /etc/cygni/api-2026-11.pem}}"
        )
        current = reader.required(
            "current",
            .text,
            "The name of the key that new tokens are signed with.",
            example: "'2026-11'"
        )
        lifetime = reader.value(
            "lifetime",
            .duration(.seconds(30) ... .hours(1)),
            default: .minutes(10),
            "How long an access token holds."
        )
        refreshLifetime = reader.value(
            "refresh_lifetime",
            .duration(.minutes(1) ... .days(365)),
            default: .days(30),
            "After it somebody must sign in anew, however often the tokens were renewed."
        )
        refreshGrace = reader.value(
            "refresh_grace",
            .duration(.zero ... .minutes(1)),
            default: .seconds(10),
            "How long a refresh token may be used a second time without being taken for stolen."
        )
        reader.check(["keys", "current"], "must have the key that current names", keys[current] != nil)
    }
}
