import Testing

@testable import SchemaMigration

@Suite struct StepPlanTests {
    private func step(_ number: Int, _ sha256: String, done: Bool = true) -> AppliedStep {
        AppliedStep(step: number, sha256: sha256, summary: sha256, isDone: done)
    }

    @Test func aFreshFileBeginsAtItsBeginning() throws {
        let plan = try StepPlan(statements: ["a", "b"], steps: [])
        #expect(plan.done == 0 && !plan.isInDoubt)
    }

    @Test func goesOnBehindWhatIsDone() throws {
        let plan = try StepPlan(statements: ["a", "b", "c"], steps: [step(1, "a"), step(2, "b")])
        #expect(plan.done == 2 && !plan.isInDoubt)
    }

    @Test func aStatementThatWasSentIsInDoubt() throws {
        let plan = try StepPlan(statements: ["a", "b"], steps: [step(1, "a"), step(2, "b", done: false)])
        #expect(plan.done == 1 && plan.isInDoubt)
    }

    @Test func aStatementMendedSinceIsNot() throws {
        let plan = try StepPlan(statements: ["a", "B"], steps: [step(1, "a"), step(2, "b", done: false)])
        #expect(plan.done == 1 && !plan.isInDoubt)
    }

    @Test(arguments: [["A", "b"], ["b"], []])
    func whatStandsMustNotBeChanged(statements: [String]) {
        #expect(throws: StepPlan.Changed(step: 1, was: "a")) {
            try StepPlan(statements: statements, steps: [step(1, "a")])
        }
    }
}
