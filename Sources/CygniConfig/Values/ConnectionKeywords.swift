/// The keywords of libpq's connection strings, of PostgreSQL 15 to 18 (manual, 34.1.2).
enum ConnectionKeywords {
    private static let known: Set<String> = [
        "application_name", "channel_binding", "client_encoding", "connect_timeout", "dbname",
        "fallback_application_name",
        "gssdelegation", "gssencmode", "gsslib", "host", "hostaddr", "keepalives", "keepalives_count",
        "keepalives_idle",
        "keepalives_interval", "krbsrvname", "load_balance_hosts", "max_protocol_version", "min_protocol_version",
        "oauth_client_id", "oauth_client_secret", "oauth_issuer", "oauth_scope", "options", "passfile", "password",
        "port",
        "replication", "require_auth", "requirepeer", "scram_client_key", "scram_server_key", "service", "servicefile",
        "sslcert", "sslcertmode", "sslcompression", "sslcrl", "sslcrldir", "sslkey", "sslkeylogfile", "sslmode",
        "sslnegotiation", "sslpassword", "sslrootcert", "sslsni", "ssl_max_protocol_version",
        "ssl_min_protocol_version",
        "target_session_attrs", "tcp_user_timeout", "user",
    ]

    /// What libpq could not read in a connection string or URL; nil when nothing. Names keywords, never values.
    static func fault(in text: String) -> String? {
        text.contains("://") ? faultInURL(text) : faultInPairs(text)
    }

    private static func faultInURL(_ text: String) -> String? {
        guard let query = text.firstIndex(of: "?") else { return nil }
        for pair in text[text.index(after: query)...].split(separator: "&", omittingEmptySubsequences: false) {
            let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
            let name = String(parts[0])
            // JDBC's word, which libpq takes in URLs.
            if name != "ssl", let fault = fault(ofKeyword: name) { return fault }
            if parts.count < 2 { return "the parameter \(name) has no value" }
            if parts.count > 2 { return "the value of \(name) holds a '=', write it as %3D" }
        }
        return nil
    }

    /// `keyword = value`, a value with blanks in single quotes, with backslashes before quotes and backslashes.
    private static func faultInPairs(_ text: String) -> String? {
        var rest = Substring(text)
        while true {
            rest = rest.drop { $0.isWhitespace }
            guard !rest.isEmpty else { return nil }
            let name = String(rest.prefix { $0 != "=" && !$0.isWhitespace })
            rest = rest.dropFirst(name.count).drop { $0.isWhitespace }
            // A piece of a value may stand here, so it is not repeated.
            guard rest.first == "=" else {
                return "a keyword or a part of a value has no '=' behind it; quote values with blanks"
            }
            if let fault = fault(ofKeyword: name) { return fault }
            rest = rest.dropFirst().drop { $0.isWhitespace }
            let isQuoted = rest.first == "'"
            if isQuoted { rest = rest.dropFirst() }
            var isEscaped = false
            var isClosed = !isQuoted
            while let character = rest.first {
                if !isQuoted, !isEscaped, character.isWhitespace { break }
                rest = rest.dropFirst()
                if isQuoted, !isEscaped, character == "'" {
                    isClosed = true
                    break
                }
                isEscaped = !isEscaped && character == "\\"
            }
            guard isClosed else { return "the value of \(name) has no closing quote" }
        }
    }

    private static func fault(ofKeyword name: String) -> String? {
        guard !known.contains(name) else { return nil }
        guard !name.isEmpty, name.utf8.allSatisfy({ ("a"..."z").contains(Character(UnicodeScalar($0))) || $0 == 95 })
        else {
            return "it has a parameter without a name that libpq could know"
        }
        let hint = KeySuggestion.nearest(to: name, among: known.sorted()).map { ", did you mean \($0)?" } ?? ""
        return "libpq has no parameter \(ConfigNode.excerpt(name))\(hint)"
    }
}
