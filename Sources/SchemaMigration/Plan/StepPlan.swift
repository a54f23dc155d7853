/// Where a section that runs without a transaction goes on after an earlier run of it ended half-way.
struct StepPlan: Equatable {
    /// How many of its statements stand already.
    var done: Int
    /// The statement behind those was sent, and nobody knows how it ended.
    var isInDoubt: Bool

    /// A statement that ran is no longer what the file has in its place.
    struct Changed: Error, Equatable {
        var step: Int
        var was: String
    }

    /// - Parameters:
    ///   - statements: the section's statements, as digests.
    ///   - steps: what the ledger has of them, in order.
    init(statements: [String], steps: [AppliedStep]) throws(Changed) {
        let finished = steps.filter(\.isDone)
        for step in finished where step.step > statements.count || statements[step.step - 1] != step.sha256 {
            throw Changed(step: step.step, was: step.summary)
        }
        done = finished.count
        // A statement that was edited since it failed is simply another one.
        isInDoubt = steps.contains { step in
            !step.isDone && step.step == finished.count + 1 && step.step <= statements.count
                && statements[step.step - 1] == step.sha256
        }
    }
}
