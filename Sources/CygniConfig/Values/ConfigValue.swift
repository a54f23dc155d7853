/// A value as configuration files and JSON write it; objects keep their order.
///
/// Defaults, the effective configuration and the JSON Schema are all spelled with it.
package indirect enum ConfigValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// The digits as they are written.
    case number(String)
    case string(String)
    case list([ConfigValue])
    case object([Member])

    package struct Member: Hashable, Sendable {
        package let key: String
        package let value: ConfigValue
    }

    static func integer(_ value: some BinaryInteger) -> ConfigValue { .number(String(value)) }

    /// An object with its members in the order written.
    static func members(_ pairs: KeyValuePairs<String, ConfigValue>) -> ConfigValue {
        .object(pairs.map { Member(key: $0.key, value: $0.value) })
    }

    /// An object with more members at its end.
    func adding(_ pairs: KeyValuePairs<String, ConfigValue>) -> ConfigValue {
        guard case .object(let members) = self else { return self }
        return .object(members + pairs.map { Member(key: $0.key, value: $0.value) })
    }
}

extension ConfigValue {
    /// JSON on one line.
    package var json: String {
        switch self {
        case .list(let items): "[" + items.map(\.json).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { "\(Self.quoted($0.key)): \($0.value.json)" }.joined(separator: ", ") + "}"
        case .null, .boolean, .number, .string: scalarJSON
        }
    }

    /// JSON over several lines, two spaces a level; lists of scalars stay on one line.
    package func prettyJSON(indent: String = "") -> String {
        let inner = indent + "  "
        switch self {
        case .object(let members) where !members.isEmpty:
            let lines = members.map { "\(inner)\(Self.quoted($0.key)): \($0.value.prettyJSON(indent: inner))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        case .list(let items) where items.contains(where: \.isCollection):
            let lines = items.map { inner + $0.prettyJSON(indent: inner) }
            return "[\n" + lines.joined(separator: ",\n") + "\n\(indent)]"
        default:
            return json
        }
    }

    private var isCollection: Bool {
        switch self {
        case .list, .object: true
        case .null, .boolean, .number, .string: false
        }
    }

    private var scalarJSON: String {
        switch self {
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .number(let digits): digits
        case .string(let text): Self.quoted(text)
        case .list, .object: ""
        }
    }

    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension ConfigValue {
    /// The value as a configuration file writes it, on one line; reading it gives the same value again.
    package var yaml: String {
        switch self {
        case .string(let text): Self.yamlString(text)
        case .list(let items): "[" + items.map(\.yaml).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { "\(Self.yamlString($0.key)): \($0.value.yaml)" }.joined(separator: ", ") + "}"
        case .null, .boolean, .number: scalarJSON
        }
    }

    /// Plain where every YAML reader takes it for a string, else quoted; `${` is escaped.
    private static func yamlString(_ text: String) -> String {
        isPlainWord(text)
            ? text : quoted(text.split(separator: "${", omittingEmptySubsequences: false).joined(separator: "$${"))
    }

    private static func isPlainWord(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last, last != ":" else {
            return false
        }
        let isSafe = text.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII && (isLetterOrDigit(scalar) || "_./:@%+-=".unicodeScalars.contains(scalar))
        }
        guard isSafe else { return false }
        if ("0"..."9").contains(first) {
            // A quantity such as `90s`; anything else that starts with a digit may be a number or a date to a reader.
            let unit = text.drop { ("0"..."9").contains($0) }
            return !unit.isEmpty && unit.allSatisfy(\.isLetter) && Double(text) == nil
        }
        let reserved: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
        return (isLetterOrDigit(first) || first == "/") && !reserved.contains(text.lowercased())
    }

    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        ("0"..."9").contains(scalar) || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }
}
