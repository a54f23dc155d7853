/// An object in which a database is not what its migrations make.
package struct SchemaDifference: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        /// The migrations make it, the database does not have it.
        case missing
        /// The database has it, no migration makes it.
        case extra
        case differs
    }

    package var kind: Kind
    /// `index public.orders orders_total`
    package var object: String
    /// Its definition by the migrations; nil for what is extra.
    package var expected: String?
    /// Its definition in the database; nil for what is missing.
    package var found: String?
}

extension SchemaDifference {
    /// What differs, by kind and name. What goes with a table or function that is missing or extra is not told again.
    ///
    /// - Parameter ignored: names that do not count, with everything that goes with them.
    static func all(
        expected: [SchemaObject],
        found: [SchemaObject],
        ignoring ignored: [NamePattern] = []
    ) -> [SchemaDifference] {
        let (wanted, present) = (byKey(expected, ignored), byKey(found, ignored))
        let keys = Set(wanted.keys).union(present.keys).filter { wanted[$0]?.definition != present[$0]?.definition }
        let wholes = Set(keys.filter { $0.whole == nil && (wanted[$0] == nil || present[$0] == nil) }.map(\.name))
        return keys.filter { key in key.whole.map { !wholes.contains($0) } ?? true }
            .sorted { ($0.kind, $0.name) < ($1.kind, $1.name) }
            .map { key in
                let (one, other) = (wanted[key]?.definition, present[key]?.definition)
                let kind: Kind = one == nil ? .extra : other == nil ? .missing : .differs
                return SchemaDifference(kind: kind, object: "\(key.kind) \(key.name)", expected: one, found: other)
            }
    }

    /// What makes two objects the same one.
    private struct Key: Hashable {
        var kind: String
        var name: String
        var whole: String?
    }

    private static func byKey(_ objects: [SchemaObject], _ ignored: [NamePattern]) -> [Key: SchemaObject] {
        let kept = objects.filter { object in
            !ignored.contains { $0.matches(object.name) || (object.whole.map($0.matches) ?? false) }
        }
        return Dictionary(
            kept.map { (Key(kind: $0.kind, name: $0.name, whole: $0.whole), $0) },
            uniquingKeysWith: { first, _ in first }
        )
    }
}
