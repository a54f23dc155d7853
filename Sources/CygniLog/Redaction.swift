/// What must not reach a log, whoever put it there.
package enum Redaction {
    static let mask = "[redacted]"

    private static let telling = [
        "password", "passwd", "secret", "token", "credential", "authorization", "private_key", "api_key",
    ]

    /// Whether a value under this key is hidden whatever it is.
    static func hides(key: String) -> Bool {
        let key = key.lowercased()
        return telling.contains { key.contains($0) }
    }

    /// The text without the user and password of any URL in it, and without the value of `password=…` of a connection
    /// string.
    package static func clean(_ text: String) -> String {
        guard text.contains("://") || text.contains("password") else { return text }
        return
            text
            .replacing(/(?<scheme>[A-Za-z][A-Za-z0-9+.\-]*:\/\/)[^\/?#\s"'<>]*@/) { "\($0.output.scheme)" }
            .replacing(/(?<name>\bpassword\s*=\s*)(?:'(?:[^'\\]|\\.)*'|[^\s&'"]+)/) { "\($0.output.name)\(mask)" }
    }
}
