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
    package var text: String { String(decoding: utf8, as: UTF8.self) }

    /// The text's bytes.
    package var utf8: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
    }

    private func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value): bytes += "\(value)".utf8
        case .number(let value): bytes += (value.isFinite ? "\(value)" : "null").utf8
        case .string(let value): Self.write(value, to: &bytes)
        case .raw(let json): bytes += json.utf8
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(member.name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// Control characters are escaped, and so are those that some readers take for the end of a line.
    package static func write(_ string: String, to bytes: inout [UInt8]) {
        var string = string
        string.withUTF8 { write($0, to: &bytes) }
    }

    /// The same of a text that is UTF-8.
    package static func write(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        defer { bytes.append(UInt8(ascii: "\"")) }
        // Most texts hold nothing to escape, and are copied whole.
        guard text.contains(where: \.mayNeedEscape) else {
            bytes.append(contentsOf: text)
            return
        }
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\"": bytes += "\\\"".utf8
            case "\\": bytes += "\\\\".utf8
            case "\n": bytes += "\\n".utf8
            case "\r": bytes += "\\r".utf8
            case "\t": bytes += "\\t".utf8
            case _ where scalar.mustBeEscaped:
                let digits = String(scalar.value, radix: 16)
                bytes += "\\u".utf8
                bytes += repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count)
                bytes += digits.utf8
            default: bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            }
        }
    }

    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        left.utf8 == right.utf8
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
