/// A JSON text in the making (RFC 8259): members keep the order they are given in, so output can be compared.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int)
    /// NaN and infinities have no spelling in JSON; they become null.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([(name: String, value: JSONValue)])
    /// A text that is JSON already, on one line; written as it is.
    case raw(String)

    /// A string, or null.
    package static func optional(_ text: String?) -> JSONValue {
        text.map(JSONValue.string) ?? .null
    }

    /// The text, on one line and without blanks.
    package var text: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += "\(value)"
        case .number(let value): text += value.isFinite ? "\(value)" : "null"
        case .string(let value): Self.write(value, to: &text)
        case .raw(let json): text += json
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += "," }
                value.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                Self.write(member.name, to: &text)
                text += ":"
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    /// Control characters are escaped, and so are those that some readers take for the end of a line.
    private static func write(_ string: String, to text: inout String) {
        text += "\""
        defer { text += "\"" }
        // Most texts hold nothing to escape, and are copied whole.
        guard string.utf8.contains(where: \.mayNeedEscape) else {
            text += string
            return
        }
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.mustBeEscaped:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        left.text == right.text
    }
}

extension Unicode.Scalar {
    /// Control characters of C0 and C1, DEL, and the line and paragraph separators: all that can move a cursor or split a
    /// line.
    package var mustBeEscaped: Bool {
        value < 0x20 || (0x7F...0x9F).contains(value) || value == 0x2028 || value == 0x2029
    }
}

extension UInt8 {
    /// Whether a byte of UTF-8 is, or begins, something that a JSON text here escapes: quotes, backslashes, C0 and DEL; 0xC2
    /// begins C1, 0xE2 the line and paragraph separators.
    fileprivate var mayNeedEscape: Bool {
        self < 0x20 || self == 0x22 || self == 0x5C || self == 0x7F || self == 0xC2 || self == 0xE2
    }
}
