/// A node of a parsed configuration file, with its place; independent of the YAML library.
struct ConfigNode: Sendable {
    enum Content: Sendable {
        /// The text as the file has it, before interpolation. `isPlain` when it stands without quotes.
        case scalar(String, isPlain: Bool)
        case sequence([ConfigNode])
        case mapping([Entry])
    }

    struct Entry: Sendable {
        let key: String
        let keyPlace: Place
        let value: ConfigNode
    }

    let place: Place
    let content: Content

    /// Another content at the same place.
    func replacing(_ content: Content) -> ConfigNode {
        ConfigNode(place: place, content: content)
    }

    /// An empty value, `key:` with nothing behind it.
    var isEmpty: Bool {
        if case .scalar("", isPlain: true) = content { true } else { false }
    }

    /// An explicit `null` or `~`.
    var isNull: Bool {
        if case .scalar(let text, isPlain: true) = content { text == "null" || text == "~" } else { false }
    }

    /// What an error says stands here: short, on one line, passwords in URLs masked.
    var found: String {
        switch content {
        case .scalar where isEmpty || isNull: "nothing"
        case .scalar(let text, let isPlain): isPlain ? Self.excerpt(text) : "\"\(Self.excerpt(text))\""
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// Cuts a text to 60 characters and makes control characters visible.
    static func excerpt(_ text: String) -> String {
        // Cut generously first, so that a huge value costs nothing; mask before the final cut, so that a cut never
        // takes away the `@` that tells a password.
        let masked = Credentials.masked(String(text.prefix(4096)))
        var short = ""
        for scalar in masked.unicodeScalars {
            guard short.unicodeScalars.count < 60 else { return short + "…" }
            let isControl = scalar.properties.generalCategory == .control || scalar.properties.isBidiControl
            short += isControl ? scalar.escaped(asASCII: true) : String(scalar)
        }
        return short
    }
}
