extension ValueKind where Value: ConfigSection {
    /// A mapping of keys of its own, for the items of a map: `files: {nginx: {paths: [...]}}`.
    ///
    /// Its keys hold values, no further sections.
    ///
    /// - Parameter phrase: what it describes, as a noun phrase.
    package static func section(_ phrase: String) -> ValueKind {
        let keys = ConfigReader.describe(Value.self)
        return ValueKind(
            phrase: phrase,
            schema: ConfigCatalogue.object(keys, under: "", doc: phrase, isRequired: true),
            placeholder: ConfigReader.standIn(Value.self),
            isSecret: keys.contains(where: \.isSecret),
            // Only a default is spelled so, and a default has its keys' defaults.
            spell: { _ in .object([]) },
            decode: { node, context in
                var node = node
                if node.isEmpty || node.isNull { node = node.replacing(.mapping([])) }
                guard case .mapping = node.content else {
                    context.report(node, "must be a mapping of keys: \(phrase)")
                    return nil
                }
                let session = context.session.nested(knownPaths: keys.map(\.path))
                let value = ConfigReader.read(Value.self, node, session)
                for problem in session.problems {
                    context.session.report(
                        problem.place,
                        joined(context.path, problem.path),
                        problem.rule,
                        problem.found
                    )
                }
                guard session.problems.isEmpty else { return nil }
                let members = session.resolved.map { ConfigValue.Member(key: $0.path, value: $0.spelling) }
                return Decoded(value: value, spelling: .object(members))
            }
        )
    }
}
