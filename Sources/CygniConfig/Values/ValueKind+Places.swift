extension ValueKind where Value == String {
    /// A file or folder; a relative one starts at the folder of the configuration file.
    package static var path: ValueKind {
        let schema = ConfigValue.members(["type": .string("string"), "minLength": .integer(1)])
        return scalar("a path", schema: schema, placeholder: "", spell: ConfigValue.string) { text, context in
            if text == "~" || text.hasPrefix("~/") { return .because("'~' is not followed here, write the whole path") }
            let isOneLine = !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
            guard !text.isEmpty, text.utf8.count < 4096, isOneLine else { return .refused }
            return .value(context.resolve(text))
        }
    }
}

extension ValueKind where Value == ConfigURL {
    /// A URL of one of some schemes, `["file", "s3"]`. A password must come through `${VAR}` or a key of its own.
    package static func url(_ schemes: [String]) -> ValueKind {
        let shapes = schemes.map { $0 == "file" ? "file:///path" : "\($0)://..." }
        let pattern = "^(" + schemes.joined(separator: "|") + ")://"
        return location("a URL, " + shapes.joined(separator: " or "), pattern: pattern, wayOut: "${VAR}") { text in
            guard let scheme = schemes.first(where: { text.hasPrefix("\($0)://") }) else { return .refused }
            let rest = text.dropFirst(scheme.count + 3)
            let isWhole = scheme == "file" ? rest.hasPrefix("/") : rest.first.map { !"/?#:@".contains($0) } ?? false
            return isWhole ? .value(ConfigURL(text)) : .refused
        }
    }

    /// A libpq connection string: `postgresql://user@host/name`, or `host=... dbname=...`.
    package static var database: ValueKind {
        let phrase = "a libpq connection string, postgresql://user@host/name or host=... dbname=..."
        return location(phrase, pattern: "^postgres(ql)?://|=", wayOut: "database.password: {env: NAME} or ${VAR}") {
            text in
            let isURL = text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
            guard isURL || (!text.contains("://") && text.first?.isLetter == true && text.contains("=")) else {
                return .refused
            }
            return ConnectionKeywords.fault(in: text).map { .because($0) } ?? .value(ConfigURL(text))
        }
    }

    private static func location(
        _ phrase: String,
        pattern: String,
        wayOut: String,
        parse: @escaping @Sendable (String) -> Parsed<ConfigURL>
    ) -> ValueKind {
        let schema = ConfigValue.members(["type": .string("string"), "pattern": .string(pattern)])
        let kind = scalar(
            phrase,
            schema: schema,
            placeholder: ConfigURL(""),
            spell: { .string($0.description) },
            parse: { text, _ in
                text.utf8.count <= 4096 && !text.contains("\n") ? parse(text) : .refused
            }
        )
        return ValueKind(
            phrase: phrase,
            schema: schema,
            placeholder: kind.placeholder,
            isSecret: false,
            spell: kind.spell,
            decode: { node, context in
                if case .scalar(let raw, _) = node.content, raw.utf8.count <= 4096,
                    Credentials.isPasswordWritten(in: raw)
                {
                    context.report(node, "must not hold a password; use \(wayOut)", found: "a password in plain")
                    return nil
                }
                return kind.decode(node, context)
            }
        )
    }
}
