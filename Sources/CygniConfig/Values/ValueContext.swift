/// What reading one value needs from around it: its path, the environment, the file's folder, a place for problems.
package struct ValueContext {
    let path: String
    let session: ConfigSession

    func report(_ node: ConfigNode, _ rule: String) {
        session.report(node.place, path, rule, node.found)
    }

    func report(_ node: ConfigNode, _ rule: String, found: String) {
        session.report(node.place, path, rule, found)
    }

    /// Fills in variables; reports each that cannot be and gives nil.
    func interpolate(_ raw: String, of node: ConfigNode) -> (text: String, usesEnvironment: Bool)? {
        let interpolation = Interpolation(raw, environment: session.environment)
        for problem in interpolation.problems { report(node, problem) }
        guard interpolation.problems.isEmpty else { return nil }
        return (interpolation.text, interpolation.usesEnvironment)
    }

    /// The context of an item in a list or a map.
    func nested(_ path: String) -> ValueContext {
        ValueContext(path: path, session: session)
    }

    /// A path of the file, relative to the folder that the file is in.
    func resolve(_ path: String) -> String {
        guard !path.hasPrefix("/"), !session.folder.isEmpty else { return path }
        let relative = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        return session.folder.hasSuffix("/") ? session.folder + relative : "\(session.folder)/\(relative)"
    }
}
