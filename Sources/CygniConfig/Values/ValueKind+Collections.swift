extension ValueKind {
    /// A list whose items are all of one kind.
    package static func list<Item>(of item: ValueKind<Item>, count: ClosedRange<Int> = 0...1000) -> ValueKind
    where Value == [Item] {
        let phrase = "a list of \(count.lowerBound) to \(count.upperBound) items, each \(item.phrase)"
        let schema = ConfigValue.members([
            "type": .string("array"), "items": item.interpolatedSchema, "minItems": .integer(count.lowerBound),
            "maxItems": .integer(count.upperBound),
        ])
        return ValueKind(
            phrase: phrase,
            schema: schema,
            placeholder: [],
            isSecret: item.isSecret,
            spell: { .list($0.map(item.spell)) },
            decode: { node, context in
                guard case .sequence(let nodes) = node.content, count.contains(nodes.count) else {
                    context.report(node, "must be \(phrase)", found: itemCount(node))
                    return nil
                }
                let items = nodes.enumerated().compactMap { index, node in
                    item.decode(node, context.nested("\(context.path)[\(index)]"))
                }
                guard items.count == nodes.count else { return nil }
                return Decoded(value: items.map(\.value), spelling: .list(items.map(\.spelling)))
            }
        )
    }

    /// A mapping from free names to values that are all of one kind.
    package static func map<Item>(of item: ValueKind<Item>, count: ClosedRange<Int> = 0...1000) -> ValueKind
    where Value == [String: Item] {
        let phrase = "a mapping of \(count.lowerBound) to \(count.upperBound) names, each to \(item.phrase)"
        let schema = ConfigValue.members([
            "type": .string("object"), "additionalProperties": item.interpolatedSchema,
            "minProperties": .integer(count.lowerBound), "maxProperties": .integer(count.upperBound),
        ])
        return ValueKind(
            phrase: phrase,
            schema: schema,
            placeholder: [:],
            isSecret: item.isSecret,
            spell: { map in
                .object(
                    map.sorted { $0.key < $1.key }.map { ConfigValue.Member(key: $0.key, value: item.spell($0.value)) }
                )
            },
            decode: { node, context in
                guard case .mapping(let entries) = node.content, count.contains(entries.count) else {
                    context.report(node, "must be \(phrase)", found: itemCount(node))
                    return nil
                }
                let items = entries.compactMap { entry in
                    item.decode(entry.value, context.nested(joined(context.path, entry.key))).map { (entry.key, $0) }
                }
                guard items.count == entries.count else { return nil }
                return Decoded(
                    value: Dictionary(uniqueKeysWithValues: items.map { ($0, $1.value) }),
                    spelling: .object(
                        items.sorted { $0.0 < $1.0 }.map { ConfigValue.Member(key: $0, value: $1.spelling) }
                    )
                )
            }
        )
    }

    /// The schema of the value in a file: the literal, or a text that `${VAR}` fills in.
    var interpolatedSchema: ConfigValue {
        guard case .object(let members) = schema else { return schema }
        let types = members.first { $0.key == "type" }?.value
        switch types {
        case .string("array"), .string("object"): return schema
        default: return .members(["anyOf": .list([schema, .members(["$ref": .string("#/$defs/interpolated")])])])
        }
    }
}

private func itemCount(_ node: ConfigNode) -> String {
    switch node.content {
    case .sequence(let items): "a list of \(items.count)"
    case .mapping(let entries): "a mapping of \(entries.count)"
    case .scalar: node.found
    }
}
