/// What becomes of slots that nothing started in time.
package enum CatchUp: String, CaseIterable, Hashable, Sendable {
    case none
    /// The newest one is run, those before it are passed over.
    case latest
    case all
}
