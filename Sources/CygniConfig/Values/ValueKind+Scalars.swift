extension ValueKind where Value == String {
    /// A text that is not empty, on one line, of at most 4,096 characters.
    package static var text: ValueKind {
        let schema = ConfigValue.members(["type": .string("string"), "minLength": .integer(1)])
        return scalar("text on one line", schema: schema, placeholder: "", spell: ConfigValue.string) { text, _ in
            let isOneLine = !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
            return text.isEmpty || text.utf8.count > 4096 || !isOneLine ? .refused : .value(text)
        }
    }

    /// One of some words.
    package static func oneOf(_ words: [String]) -> ValueKind {
        let schema = ConfigValue.members(["enum": .list(words.map(ConfigValue.string))])
        let phrase = "one of " + words.joined(separator: ", ")
        return scalar(phrase, schema: schema, placeholder: words.first ?? "", spell: ConfigValue.string) { text, _ in
            guard !words.contains(text) else { return .value(text) }
            return KeySuggestion.nearest(to: text, among: words).map { .because("did you mean \($0)?") } ?? .refused
        }
    }
}

extension ValueKind where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the words that an enumeration names.
    package static func oneOf(_ type: Value.Type) -> ValueKind {
        let cases = Array(type.allCases)
        precondition(!cases.isEmpty, "an enumeration without cases cannot be configured")
        let words = ValueKind<String>.oneOf(cases.map(\.rawValue))
        return ValueKind(
            phrase: words.phrase,
            schema: words.schema,
            placeholder: cases[0],
            isSecret: false,
            spell: { .string($0.rawValue) },
            decode: { node, context in
                guard let word = words.decode(node, context), let value = Value(rawValue: word.value) else {
                    return nil
                }
                return Decoded(value: value, spelling: word.spelling)
            }
        )
    }
}

extension ValueKind where Value == Int {
    /// A whole number in decimal digits.
    package static func integer(_ range: ClosedRange<Int>) -> ValueKind {
        let phrase = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        let schema = ConfigValue.members([
            "type": .string("integer"), "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
        ])
        return scalar(phrase, schema: schema, placeholder: range.lowerBound, style: .plain, spell: ConfigValue.integer)
        {
            text,
            _ in
            // `+4` and `0x4` are refused: a reader should not have to know a parser to know the number.
            let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
            guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text) else { return .refused }
            return range.contains(number) ? .value(number) : .refused
        }
    }
}

extension ValueKind where Value == Double {
    /// A decimal number; no infinity, no NaN.
    package static func number(_ range: ClosedRange<Double>) -> ValueKind {
        let phrase = "a number from \(digits(range.lowerBound)) to \(digits(range.upperBound))"
        let schema = ConfigValue.members([
            "type": .string("number"), "minimum": .number(digits(range.lowerBound)),
            "maximum": .number(digits(range.upperBound)),
        ])
        return scalar(
            phrase,
            schema: schema,
            placeholder: range.lowerBound,
            style: .plain,
            spell: { .number(digits($0)) },
            parse: { text, _ in
                let isDecimal = text.utf8.allSatisfy { (48...57).contains($0) || "+-.eE".utf8.contains($0) }
                guard isDecimal, let number = Double(text), number.isFinite, range.contains(number) else {
                    return .refused
                }
                return .value(number)
            }
        )
    }

    /// The shortest digits that read back to the same number; a whole one without a point.
    private static func digits(_ number: Double) -> String {
        let text = String(number)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}

extension ValueKind where Value == Bool {
    /// `true` or `false`; YAML 1.1's `yes`, `on` and the like are refused, since readers differ on them.
    package static var boolean: ValueKind {
        let schema = ConfigValue.members(["type": .string("boolean")])
        return scalar("true or false", schema: schema, placeholder: false, style: .plain, spell: ConfigValue.boolean) {
            text,
            _ in
            switch text {
            case "true": .value(true)
            case "false": .value(false)
            default: .refused
            }
        }
    }
}
