/// All configuration files that there are: the source of `explain` and of the JSON Schema.
package struct ConfigCatalogue: Sendable {
    package let documents: [ConfigDocument]

    package init(_ documents: [ConfigDocument]) {
        self.documents = documents
    }

    /// Every path that ``explain(_:)`` knows, in order.
    package var paths: [String] {
        documents.flatMap { document in
            [document.name] + document.keys.map { document.fullPath(of: $0) }
        }
    }

    /// Tells what a key, a section or a file means.
    ///
    /// - Parameter path: `database.pool`, `jobs.metrics-rollup.schedule`, a section `database`, a file `shared` or
    ///   `jobs.metrics-rollup`; keys of the shared file may also be written `shared.database.pool`.
    package func explain(_ path: String) throws(UnknownConfigKey) -> String {
        for document in documents {
            if path == document.name { return KeyExplanation(document).overview }
            let key = document.keys.first { path == document.fullPath(of: $0) || path == "\(document.name).\($0.path)" }
            if let key { return KeyExplanation(document).text(of: key) }
        }
        throw UnknownConfigKey(path: path, suggestion: suggestion(for: path))
    }

    /// Every file with its keys, one a line.
    package var overview: String {
        documents.map { KeyExplanation($0).overview }.joined(separator: "\n")
    }

    private func suggestion(for path: String) -> String? {
        let known = paths
        if let near = KeySuggestion.nearest(to: path, among: known) { return near }
        guard let last = path.split(separator: ".").last.map(String.init) else { return nil }
        // Right or nearly right by its last part, in another section.
        let keys = known.map { ($0, $0.split(separator: ".").last.map(String.init) ?? $0) }
        let near = KeySuggestion.nearest(to: last, among: keys.map(\.1))
        return keys.first { $0.1 == near }?.0
    }
}

/// A path that names no key of any configuration file.
package struct UnknownConfigKey: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    package let suggestion: String?

    package var description: String {
        let hint = suggestion.map { "did you mean '\($0)'?" } ?? "'cygni config explain' lists all keys"
        return "no configuration key '\(ConfigNode.excerpt(path))'; \(hint)"
    }
}
