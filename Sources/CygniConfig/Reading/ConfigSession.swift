/// What one pass over one file's declaration gathers.
final class ConfigSession {
    let file: String
    /// Where relative paths of the file start; empty for the working directory.
    let folder: String
    let environment: [String: String]
    /// Every path that the declaration knows, to suggest from.
    let knownPaths: [String]
    private(set) var problems: [ConfigProblem] = []
    private(set) var resolved: [ResolvedKey] = []
    private(set) var descriptions: [KeyDescription] = []

    init(file: String, folder: String, environment: [String: String], knownPaths: [String]) {
        self.file = file
        self.folder = folder
        self.environment = environment
        self.knownPaths = knownPaths
    }

    /// One for a mapping inside of this file whose problems and keys are gathered apart.
    func nested(knownPaths: [String]) -> ConfigSession {
        ConfigSession(file: file, folder: folder, environment: environment, knownPaths: knownPaths)
    }

    func report(_ place: Place, _ path: String, _ rule: String, _ found: String) {
        problems.append(ConfigProblem(file: file, place: place, path: path, rule: rule, found: found))
    }

    func record(_ key: ResolvedKey) {
        resolved.append(key)
    }

    func describe(_ description: KeyDescription) {
        descriptions.append(description)
    }

    /// Whether a key, or something inside it, was found wrong.
    func hasProblem(at path: String) -> Bool {
        problems.contains { $0.path == path || $0.path.hasPrefix("\(path).") || $0.path.hasPrefix("\(path)[") }
    }
}

/// A key of a loaded configuration with the value in force.
struct ResolvedKey: Sendable {
    enum Origin: Hashable, Sendable {
        case file
        case fallback
        /// The raw text, with its `${VAR}`.
        case environment(String)
    }

    let path: String
    /// Passwords in URLs masked, secrets as references.
    let spelling: ConfigValue
    let origin: Origin
}
