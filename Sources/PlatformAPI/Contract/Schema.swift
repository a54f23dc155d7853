import CygniModel

/// The shape of a value of the API: written into its document, and held against every request.
indirect enum Schema: Sendable {
    case string(Text)
    case integer(ClosedRange<Int>)
    case number
    case boolean
    case array(Schema, count: ClosedRange<Int>)
    /// No other members than these.
    case object([Member])
    /// Members of any name.
    case map(Schema)
    case any
    case nullable(Schema)
    /// One of the document's components.
    case named(String, Schema)

    /// What a string must be.
    struct Text: Sendable {
        enum Format: String, Sendable {
            case uuid
            case time = "date-time"
            case uri
            case none = ""
        }

        var format = Format.none
        /// Characters.
        var length: ClosedRange<Int> = 0...1000
        /// A regular expression of both ECMA-262 and Swift, for the whole text.
        var pattern: String?
        var choices: [String]?
    }

    struct Member: Sendable {
        let name: String
        let schema: Schema
        let isRequired: Bool
        let doc: String

        init(_ name: String, _ schema: Schema, _ doc: String, optional: Bool = false) {
            (self.name, self.schema, self.doc, isRequired) = (name, schema, doc, !optional)
        }
    }

    static let uuid = Schema.string(Text(format: .uuid, length: 36...36))
    static let time = Schema.string(Text(format: .time, length: 20...40))
    static let text = Schema.string(Text())

    static func text(_ length: ClosedRange<Int>, pattern: String? = nil) -> Schema {
        .string(Text(length: length, pattern: pattern))
    }

    static func choice(_ choices: [String]) -> Schema { .string(Text(choices: choices)) }

    /// As OpenAPI 3.1 writes it (JSON Schema, draft 2020-12).
    var json: JSONValue { .object(members) }

    private var members: [(name: String, value: JSONValue)] {
        switch self {
        case .string(let text):
            var members: [(name: String, value: JSONValue)] = [("type", .string("string"))]
            if text.format != .none { members.append(("format", .string(text.format.rawValue))) }
            if let choices = text.choices { members.append(("enum", .array(choices.map(JSONValue.string)))) }
            if let pattern = text.pattern { members.append(("pattern", .string("^(?:\(pattern))$"))) }
            if text.format == .none, text.choices == nil {
                if text.length.lowerBound > 0 { members.append(("minLength", .integer(text.length.lowerBound))) }
                members.append(("maxLength", .integer(text.length.upperBound)))
            }
            return members
        case .integer(let range):
            return [
                ("type", .string("integer")), ("minimum", .integer(range.lowerBound)),
                ("maximum", .integer(range.upperBound)),
            ]
        case .number: return [("type", .string("number"))]
        case .boolean: return [("type", .string("boolean"))]
        case .array(let item, let count):
            return [
                ("type", .string("array")), ("items", item.json), ("minItems", .integer(count.lowerBound)),
                ("maxItems", .integer(count.upperBound)),
            ]
        case .object(let members):
            return [
                ("type", .string("object")),
                (
                    "properties",
                    .object(members.map { ($0.name, $0.schema.described($0.doc)) })
                ),
                ("required", .array(members.filter(\.isRequired).map { .string($0.name) })),
                ("additionalProperties", .bool(false)),
            ]
        case .map(let value): return [("type", .string("object")), ("additionalProperties", value.json)]
        case .any: return []
        case .nullable(let schema): return [("anyOf", .array([schema.json, .object([("type", .string("null"))])]))]
        case .named(let name, _): return [("$ref", .string("#/components/schemas/\(name)"))]
        }
    }

    private func described(_ doc: String) -> JSONValue {
        .object(doc.isEmpty ? members : [("description", .string(doc))] + members)
    }

    /// The components that it names, with their shapes.
    var components: [(String, Schema)] {
        switch self {
        case .named(let name, let schema): [(name, schema)] + schema.components
        case .array(let item, _): item.components
        case .map(let value), .nullable(let value): value.components
        case .object(let members): members.flatMap(\.schema.components)
        default: []
        }
    }
}
