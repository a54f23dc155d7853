package import CygniModel

/// What a run means to do, decided in full before anything is touched.
package protocol JobPlan: Sendable {
    /// The steps, in the order they are applied. A dry run prints them.
    var items: [PlannedItem] { get }

    /// How many ``items`` there are, for a plan that need not make them all to tell.
    var size: Int { get }

    /// What stays as it is though it might be thought due, and why. A dry run prints it after the items.
    var kept: [PlannedItem] { get }

    /// What was found, by name: totals that are known at plan time, for the report. A key that the run also counts with
    /// ``JobContext/count(_:_:)`` shows the run's number.
    var counts: [String: Int] { get }

    /// What a run that was asked a question answers; nil when it was told to work.
    var answer: PlanAnswer? { get }
}

/// The answer to a question that a dry run was asked: the report shows it in place of the plan.
package struct PlanAnswer: Hashable, Sendable {
    /// For a person, without a line break at its end.
    package let text: String
    /// The report's member `answer`.
    package let json: JSONValue
    package let status: ExitStatus

    package init(text: String, json: JSONValue, status: ExitStatus = .success) {
        self.text = text
        self.json = json
        self.status = status
    }

    package static func == (left: PlanAnswer, right: PlanAnswer) -> Bool {
        left.text == right.text && left.json.text == right.json.text && left.status == right.status
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension JobPlan {
    package var size: Int { items.count }
    package var kept: [PlannedItem] { [] }
    package var answer: PlanAnswer? { nil }
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
