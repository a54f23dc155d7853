package import CygniEngines

/// What engines say is there of ours.
package struct EngineFacts: Sendable {
    package var objects: [EngineObject] = []
    /// Engines that told all, and those that did not.
    package var answered: [String] = []
    package var silent: [String] = []
    /// Engines of which the ledger's word counts, and those that another host's run looks after.
    package var ledgerOnly: [String] = []
    package var elsewhere: [String] = []

    package init() {}

    /// Engines that told of nothing.
    var empty: [String] {
        let with = Set(objects.map(\.engine))
        return answered.filter { !with.contains($0) }
    }
}
