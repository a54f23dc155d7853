/// Reads the keys of one mapping for a ``ConfigSection``.
package struct ConfigReader {
    private enum Mode {
        /// Reads a mapping; its place is where a missing key is reported.
        case mapping([ConfigNode.Entry], Place)
        /// Only documents the keys.
        case describing
        /// Fills a value that stands in for a section that was no mapping; says nothing.
        case standIn
    }

    private let session: ConfigSession
    private let path: String
    private let mode: Mode
    private var known: [String] = []

    private init(_ session: ConfigSession, path: String, mode: Mode) {
        self.session = session
        self.path = path
        self.mode = mode
    }

    /// Reads a key that has a default.
    package mutating func value<Value>(
        _ key: String,
        _ kind: ValueKind<Value>,
        default fallback: Value,
        _ doc: String,
        example: String? = nil
    ) -> Value {
        let spelled = kind.spell(fallback)
        describe(key, kind, doc, default: spelled, example: example, isRequired: false)
        guard let entry = entry(for: key) else {
            record(key, spelled, .fallback)
            return fallback
        }
        return decode(entry, kind) ?? fallback
    }

    /// Reads a key that must be there.
    package mutating func required<Value>(
        _ key: String,
        _ kind: ValueKind<Value>,
        _ doc: String,
        example: String? = nil
    ) -> Value {
        describe(key, kind, doc, default: nil, example: example, isRequired: true)
        guard let entry = entry(for: key) else {
            if case .mapping(_, let place) = mode {
                session.report(place, joined(path, key), "must be given: \(kind.phrase)", "nothing")
            }
            return kind.placeholder
        }
        return decode(entry, kind) ?? kind.placeholder
    }

    /// Reads a key that may be left out, or written `null` to say so.
    package mutating func optional<Value>(
        _ key: String,
        _ kind: ValueKind<Value>,
        _ doc: String,
        example: String? = nil
    ) -> Value? {
        describe(key, kind, doc, default: .null, example: example, isRequired: false)
        guard let entry = entry(for: key) else {
            record(key, .null, .fallback)
            return nil
        }
        guard !entry.value.isNull else {
            record(key, .null, .file)
            return nil
        }
        return decode(entry, kind)
    }

    /// Reads a key that has a default and may be written `null` to say that there is none.
    package mutating func optionalDefault<Value>(
        _ key: String,
        _ kind: ValueKind<Value>,
        default fallback: Value,
        _ doc: String
    ) -> Value? {
        if case .mapping(let entries, _) = mode, let entry = entries.first(where: { $0.key == key }), entry.value.isNull
        {
            known.append(key)
            record(key, .null, .file)
            return nil
        }
        return value(key, kind.orNull, default: fallback, doc)
    }

    /// Reads a mapping inside this one; one that is left out has its defaults.
    package mutating func section<Section: ConfigSection>(_ key: String, _ type: Section.Type, _ doc: String) -> Section
    {
        describeSection(key, doc, isRequired: true)
        switch mode {
        case .mapping(_, let place):
            guard let entry = entry(for: key) else { return nested(key, type, .mapping([], place)) }
            return nested(key, type, contents(of: entry) ?? .standIn)
        case .describing, .standIn:
            return nested(key, type, mode)
        }
    }

    /// Reads a mapping inside this one that may be left out, or written `null` to say so.
    package mutating func optionalSection<Section: ConfigSection>(
        _ key: String,
        _ type: Section.Type,
        _ doc: String
    ) -> Section? {
        describeSection(key, doc, isRequired: false)
        switch mode {
        case .mapping:
            guard let entry = entry(for: key) else {
                record(key, .null, .fallback)
                return nil
            }
            guard !entry.value.isNull, !entry.value.isEmpty else {
                record(key, .null, .file)
                return nil
            }
            return contents(of: entry).map { nested(key, type, $0) }
        case .describing:
            return nested(key, type, mode)
        case .standIn:
            return nil
        }
    }

    /// Holds a rule between keys; skipped when one of them is wrong by itself.
    ///
    /// - Parameters:
    ///   - keys: the keys of this mapping that the rule is about; it is reported at the first.
    ///   - rule: what must hold, `must be longer than interval`.
    package func check(_ keys: [String], _ rule: String, _ holds: @autoclosure () -> Bool) {
        guard case .mapping(let entries, let place) = mode, let first = keys.first,
            !keys.contains(where: { session.hasProblem(at: joined(path, $0)) }), !holds()
        else { return }
        let entry = entries.first { $0.key == first }
        let isSecret = if case .mapping? = entry?.value.content { true } else { false }
        let found = isSecret ? "a mapping" : entry?.value.found ?? "its default"
        session.report(entry?.value.place ?? place, joined(path, first), rule, found)
    }
}

// MARK: - Running a declaration

extension ConfigReader {
    /// Runs a declaration over a file's root mapping.
    static func read<Section: ConfigSection>(_ type: Section.Type, _ root: ConfigNode, _ session: ConfigSession)
        -> Section
    {
        var reader = ConfigReader(session, path: "", mode: .standIn)
        if case .mapping(let entries) = root.content {
            reader = ConfigReader(session, path: "", mode: .mapping(entries, root.place))
        }
        let section = Section(reading: &reader)
        reader.refuseUnknownKeys()
        return section
    }

    /// Runs a declaration for its documentation alone: the keys in their order.
    static func describe<Section: ConfigSection>(_ type: Section.Type) -> [KeyDescription] {
        let session = ConfigSession(file: "", folder: "", environment: [:], knownPaths: [])
        var reader = ConfigReader(session, path: "", mode: .describing)
        _ = Section(reading: &reader)
        return session.descriptions
    }

    /// What a section is when a file says nothing.
    package static func standard<Section: ConfigSection>(_ type: Section.Type) -> Section {
        standIn(type)
    }

    /// A section that stands in where none can be read.
    static func standIn<Section: ConfigSection>(_ type: Section.Type) -> Section {
        let session = ConfigSession(file: "", folder: "", environment: [:], knownPaths: [])
        var reader = ConfigReader(session, path: "", mode: .standIn)
        return Section(reading: &reader)
    }

    private func nested<Section: ConfigSection>(_ key: String, _ type: Section.Type, _ mode: Mode) -> Section {
        var reader = ConfigReader(session, path: joined(path, key), mode: mode)
        let section = Section(reading: &reader)
        reader.refuseUnknownKeys()
        return section
    }

    /// The mapping that a section's key holds; an empty one when all of its keys are commented out.
    private func contents(of entry: ConfigNode.Entry) -> Mode? {
        switch entry.value.content {
        case .mapping(let entries):
            return .mapping(entries, entry.keyPlace)
        case .scalar where entry.value.isEmpty || entry.value.isNull:
            return .mapping([], entry.keyPlace)
        default:
            session.report(entry.value.place, joined(path, entry.key), "must be a mapping of keys", entry.value.found)
            return nil
        }
    }

    private mutating func entry(for key: String) -> ConfigNode.Entry? {
        known.append(key)
        guard case .mapping(let entries, _) = mode else { return nil }
        return entries.first { $0.key == key }
    }

    private func decode<Value>(_ entry: ConfigNode.Entry, _ kind: ValueKind<Value>) -> Value? {
        let context = ValueContext(path: joined(path, entry.key), session: session)
        guard let decoded = kind.decode(entry.value, context) else { return nil }
        var origin = ResolvedKey.Origin.file
        if !kind.isSecret, case .scalar(let raw, _) = entry.value.content,
            Interpolation(raw, environment: session.environment).usesEnvironment
        {
            origin = .environment(raw)
        }
        record(entry.key, decoded.spelling, origin)
        return decoded.value
    }

    private func record(_ key: String, _ spelling: ConfigValue, _ origin: ResolvedKey.Origin) {
        guard case .mapping = mode else { return }
        session.record(ResolvedKey(path: joined(path, key), spelling: spelling, origin: origin))
    }

    private func refuseUnknownKeys() {
        guard case .mapping(let entries, _) = mode else { return }
        for entry in entries where !known.contains(entry.key) {
            let visible = ConfigNode.excerpt(entry.key)
            let hint = suggestion(for: entry.key).map { ", did you mean '\($0)'?" } ?? ""
            session.report(entry.keyPlace, joined(path, entry.key), "must be a known key\(hint)", visible)
        }
    }

    /// The nearest key of this mapping, else the place where a key of that very name belongs.
    private func suggestion(for key: String) -> String? {
        if let near = KeySuggestion.nearest(to: key, among: known) { return near }
        return session.knownPaths.first { $0.hasSuffix(".\(key)") || $0 == key }
    }
}

// MARK: - Documentation

extension ConfigReader {
    private func describe<Value>(
        _ key: String,
        _ kind: ValueKind<Value>,
        _ doc: String,
        default fallback: ConfigValue?,
        example: String?,
        isRequired: Bool
    ) {
        guard case .describing = mode else { return }
        session.describe(
            KeyDescription(
                path: joined(path, key),
                type: kind.phrase,
                doc: doc,
                defaultText: fallback == .null ? nil : fallback?.yaml,
                example: example,
                isRequired: isRequired,
                isSecret: kind.isSecret,
                isSection: false,
                schema: kind.interpolatedSchema,
                defaultValue: fallback
            )
        )
    }

    private func describeSection(_ key: String, _ doc: String, isRequired: Bool) {
        guard case .describing = mode else { return }
        session.describe(
            KeyDescription(
                path: joined(path, key),
                type: "a mapping of keys",
                doc: doc,
                defaultText: nil,
                example: nil,
                isRequired: isRequired,
                isSecret: false,
                isSection: true,
                schema: .null,
                defaultValue: nil
            )
        )
    }
}
