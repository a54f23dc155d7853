/// What a key may hold: how it is read and checked, what a refusal says, how it is documented and written.
///
/// One kind serves the loader, `explain`, the JSON Schema and the print of the effective configuration. The kinds that
/// exist are static members: `.integer(1...64)`, `.duration(...)`, `.secret`.
package struct ValueKind<Value: Sendable>: Sendable {
    /// What the value is, as a noun phrase: `a whole number from 1 to 64`. A refusal reads "must be " and this.
    let phrase: String
    /// The JSON Schema of the literal value, without interpolation.
    let schema: ConfigValue
    /// Stands in where a required value is wrong or missing; loading has failed by then.
    let placeholder: Value
    let isSecret: Bool
    /// Writes a value of Swift, a default for instance, as the file would.
    let spell: @Sendable (Value) -> ConfigValue
    let decode: @Sendable (ConfigNode, ValueContext) -> Decoded<Value>?
}

extension ValueKind {
    /// The same, with `null` in its phrase and schema; whoever reads the key looks for that first.
    var orNull: ValueKind {
        let null = ConfigValue.members(["type": .string("null")])
        return ValueKind(
            phrase: "\(phrase), or null",
            schema: .members(["anyOf": .list([schema, null])]),
            placeholder: placeholder,
            isSecret: isSecret,
            spell: spell,
            decode: decode
        )
    }
}

/// A value read from a file, and how the effective configuration shows it.
struct Decoded<Value: Sendable>: Sendable {
    let value: Value
    let spelling: ConfigValue
}

/// What reading the text of a scalar gives.
package enum Parsed<Value: Sendable>: Sendable {
    case value(Value)
    /// Not of the kind; the phrase says what would be.
    case refused
    /// Not of the kind, and why. The reason may quote the text: it is left out when the text came from a variable.
    case because(String)

    init(_ value: Value?) {
        self = value.map(Parsed.value) ?? .refused
    }
}

/// Which scalars a kind takes.
enum ScalarStyle: Sendable {
    /// Quoted or not: strings.
    case any
    /// Only plain ones, `4` and not `"4"`: numbers and booleans. A quoted `"${VAR}"` counts as plain.
    case plain
}

extension ValueKind {
    /// A kind read from one scalar, after interpolation.
    static func scalar(
        _ phrase: String,
        schema: ConfigValue,
        placeholder: Value,
        style: ScalarStyle = .any,
        spell: @escaping @Sendable (Value) -> ConfigValue,
        parse: @escaping @Sendable (String, ValueContext) -> Parsed<Value>
    ) -> ValueKind {
        ValueKind(
            phrase: phrase,
            schema: schema,
            placeholder: placeholder,
            isSecret: false,
            spell: spell,
            decode: { node, context in
                guard case .scalar(let raw, let isPlain) = node.content, !node.isEmpty, !node.isNull else {
                    context.report(node, "must be \(phrase)")
                    return nil
                }
                guard raw.utf8.count <= 65_536 else {
                    context.report(node, "must be at most 65536 bytes long")
                    return nil
                }
                guard let (text, usesEnvironment) = context.interpolate(raw, of: node) else { return nil }
                let isTyped = style == .any || isPlain || usesEnvironment
                switch isTyped ? parse(text, context) : .refused {
                case .value(let value):
                    return Decoded(value: value, spelling: spell(value))
                case .because(let reason) where !usesEnvironment:
                    context.report(node, "must be \(phrase): \(reason)")
                case .because, .refused:
                    context.report(node, "must be \(phrase)")
                }
                return nil
            }
        )
    }

    /// A kind of a job's own: a text that `parse` reads, nil for what it refuses.
    ///
    /// - Parameters:
    ///   - phrase: what the value is, as a noun phrase, to follow "must be".
    ///   - pattern: the regular expression of the JSON Schema.
    ///   - placeholder: any value of the type; it never reaches a job.
    package static func parsed(
        _ phrase: String,
        pattern: String? = nil,
        placeholder: Value,
        spell: @escaping @Sendable (Value) -> String,
        parse: @escaping @Sendable (String) -> Value?
    ) -> ValueKind {
        var schema = ConfigValue.members(["type": .string("string")])
        if let pattern { schema = schema.adding(["pattern": .string(pattern)]) }
        return scalar(phrase, schema: schema, placeholder: placeholder, spell: { .string(spell($0)) }) { text, _ in
            Parsed(parse(text))
        }
    }
}
