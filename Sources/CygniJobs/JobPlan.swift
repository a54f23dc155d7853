/// What a run means to do, decided in full before anything is touched.
package protocol JobPlan: Sendable {
    /// The steps, in the order they are applied. A dry run prints them.
    var items: [PlannedItem] { get }

    /// What stays as it is though it might be thought due, and why. A dry run prints it after the items.
    var kept: [PlannedItem] { get }

    /// What was found, by name: totals that are known at plan time, for the report. A key that the run also counts with
    /// ``JobContext/count(_:_:)`` shows the run's number.
    var counts: [String: Int] { get }
}

extension JobPlan {
    package var kept: [PlannedItem] { [] }
}

/// One step of a plan: what would be done, to what, and why.
package struct PlannedItem: Hashable, Sendable {
    /// What it is done to, unique together with `action`: `metrics_1h 2026-11-21`.
    package let id: String
    /// The verb: `refresh`, `archive`, `delete`.
    package let action: String
    /// Why it is due, for a person.
    package let reason: String?

    package init(id: String, action: String, reason: String? = nil) {
        self.id = id
        self.action = action
        self.reason = reason
    }
}
