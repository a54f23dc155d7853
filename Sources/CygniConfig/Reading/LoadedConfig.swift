/// A configuration file that was loaded without a fault.
package struct LoadedConfig<Settings: ConfigSection>: Sendable {
    package let settings: Settings
    /// The path it was loaded from, as it was given.
    package let file: String
    private let keys: [ResolvedKey]

    init(settings: Settings, file: String, keys: [ResolvedKey]) {
        self.settings = settings
        self.file = file
        self.keys = keys
    }

    /// The keys that the file leaves to their defaults.
    package var defaultedKeys: [String] {
        keys.filter { $0.origin == .fallback }.map(\.path)
    }

    /// Every key with the value in force, sorted, one a line: what a run's configuration hash is taken over.
    ///
    /// Secrets are their references and passwords in URLs are masked, so changing one does not change this text.
    package var canonicalText: String {
        keys.sorted { $0.path < $1.path }.map { "\($0.path)=\($0.spelling.json)\n" }.joined()
    }

    /// The configuration in force as YAML, in the order of the documentation; a comment tells where a value is from.
    ///
    /// It can be loaded again. Secrets are references, passwords in URLs are `***`.
    package var effectiveYAML: String {
        var lines: [String] = []
        var open: [Substring] = []
        for key in keys {
            let parts = key.path.split(separator: ".")
            let sections = parts.dropLast()
            let shared = zip(open, sections).prefix { $0 == $1 }.count
            for (depth, section) in sections.enumerated().dropFirst(shared) {
                lines.append(indent(depth) + "\(section):")
            }
            open = Array(sections)
            guard let name = parts.last else { continue }
            lines.append(indent(sections.count) + "\(name): \(key.spelling.yaml)" + comment(key.origin))
        }
        return lines.isEmpty ? "{}\n" : lines.joined(separator: "\n") + "\n"
    }

    private func indent(_ depth: Int) -> String {
        String(repeating: "  ", count: depth)
    }

    private func comment(_ origin: ResolvedKey.Origin) -> String {
        switch origin {
        case .file: ""
        case .fallback: "  # default"
        case .environment(let raw): "  # from \(ConfigNode.excerpt(raw))"
        }
    }
}
