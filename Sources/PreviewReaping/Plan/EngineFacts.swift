package import CygniEngines

/// What engines say is there of ours.
package struct EngineFacts: Sendable {
    package var objects: [EngineObject] = []
    /// Engines that told all, and those that did not.
    package var answered: [String] = []
    package var silent: [String] = []

    package init() {}

    /// Deployments of which something runs; nil where that is not known of all, or no engine has anything.
    var running: Set<String>? {
        silent.isEmpty && !objects.isEmpty ? Set(objects.map { $0.deployment.lowercased() }) : nil
    }

    /// Engines that told of nothing.
    var empty: [String] {
        let with = Set(objects.map(\.engine))
        return answered.filter { !with.contains($0) }
    }
}
