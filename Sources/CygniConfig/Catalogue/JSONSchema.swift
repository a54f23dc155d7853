extension ConfigCatalogue {
    /// The JSON Schema (draft 2020-12) of all files, pretty, with a newline at its end; the same for the same keys.
    ///
    /// Each file has a definition of its own, `#/$defs/shared`, `#/$defs/jobs.metrics-rollup`, and any of them is valid
    /// at the root, so that an editor can use the schema for every file.
    package var jsonSchema: String {
        let interpolated = ConfigValue.members([
            "description": .string("A text that ${VAR} or ${VAR:-default} is filled into."),
            "type": .string("string"), "pattern": .string("\\$\\{[A-Za-z_]"),
        ])
        let definitions = documents.map { document in
            ConfigValue.Member(key: document.name, value: Self.schema(of: document))
        }
        let schema = ConfigValue.members([
            "$schema": .string("https://json-schema.org/draft/2020-12/schema"),
            "title": .string("Cygni configuration"),
            "anyOf": .list(documents.map { .members(["$ref": .string("#/$defs/\($0.name)")]) }),
            "$defs": .object([.init(key: "interpolated", value: interpolated)] + definitions),
        ])
        return schema.prettyJSON() + "\n"
    }

    private static func schema(of document: ConfigDocument) -> ConfigValue {
        object(document.keys, under: "", doc: "\(document.file): \(document.doc)", isRequired: true)
    }

    static func object(
        _ keys: [KeyDescription],
        under path: String,
        doc: String,
        isRequired: Bool
    ) -> ConfigValue {
        let members = keys.filter { $0.parent == path }
        let properties = members.map { key in
            let value =
                key.isSection
                ? object(keys, under: key.path, doc: key.doc, isRequired: isNeeded(key, among: keys))
                : property(key)
            return ConfigValue.Member(key: key.key, value: value)
        }
        let required = members.filter { isNeeded($0, among: keys) }.map { ConfigValue.string($0.key) }
        // A section may be written with nothing in it, when all of its keys are commented out.
        let type: ConfigValue = isRequired ? .string("object") : .list([.string("object"), .string("null")])
        return .members([
            "description": .string(doc),
            "type": type,
            "properties": .object(properties),
            "required": .list(required),
            "additionalProperties": .boolean(false),
        ])
    }

    private static func property(_ key: KeyDescription) -> ConfigValue {
        var members: [ConfigValue.Member] = [.init(key: "description", value: .string(key.doc))]
        if let value = key.defaultValue, value != .null { members.append(.init(key: "default", value: value)) }
        guard case .object(let schema) = key.schema else { return .object(members) }
        if key.isRequired || key.defaultValue != .null { return .object(members + schema) }
        // Optional keys may be written `null`.
        let null = ConfigValue.members(["type": .string("null")])
        if schema.count == 1, schema[0].key == "anyOf", case .list(let choices) = schema[0].value {
            return .object(members + [.init(key: "anyOf", value: .list(choices + [null]))])
        }
        return .object(members + [.init(key: "anyOf", value: .list([key.schema, null]))])
    }

    /// Whether a file without the key is refused: a required key, or a section that holds one.
    private static func isNeeded(_ key: KeyDescription, among keys: [KeyDescription]) -> Bool {
        guard key.isSection else { return key.isRequired }
        return key.isRequired && keys.contains { $0.parent == key.path && isNeeded($0, among: keys) }
    }
}
