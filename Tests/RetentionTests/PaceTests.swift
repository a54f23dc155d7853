import CygniConfig
import CygniModel
import RetentionPurge
import Testing

/// How batches grow and shrink, and when a policy counts as falling behind.
struct PaceTests {
    private let settings = RetentionSettings.standard.pace

    @Test func `batches grow by steps, and halve when they take too long`() {
        var pacer = BatchPacer(first: 1000, settings: settings)
        _ = pacer.observe(.init(took: .milliseconds(10)))
        #expect(pacer.size == 2000)
        _ = pacer.observe(.init(took: .milliseconds(70)))
        #expect(pacer.size == 2000)
        _ = pacer.observe(.init(took: .milliseconds(101)))
        #expect(pacer.size == 1000)
    }

    @Test(arguments: [
        BatchPacer.Signs(took: .milliseconds(10), lag: .seconds(11)),
        .init(took: .milliseconds(10), commit: .milliseconds(51)),
        .init(took: .milliseconds(10), wal: 65 * 1_048_576),
    ])
    func `pressure halves them and makes them wait`(signs: BatchPacer.Signs) {
        var pacer = BatchPacer(first: 1000, settings: settings)
        #expect(pacer.observe(signs) >= .milliseconds(500))
        #expect(pacer.size == 500)
        for _ in 1...20 { _ = pacer.observe(signs) }
        #expect(pacer.size == 1)
    }

    @Test func `they leave others their share of the time`() {
        var pacer = BatchPacer(first: 1000, settings: settings)
        #expect(pacer.observe(.init(took: .milliseconds(60))) == .milliseconds(60))
    }

    @Test(arguments: [([10.0, 9, 8], true), ([10, 9], false), ([10, 11, 8], false), ([10, 10, 8], false)])
    func `three runs in a row make a debt worse`(before: [Double], isWorsening: Bool) throws {
        let now = try #require(Timestamp(parsing: "2026-04-01T00:00:00Z"))
        let debt = Debt(
            policy: "p",
            oldest: now - .days(1) - .seconds(11),
            keep: .days(1),
            now: now,
            before: before,
            interval: .hours(24)
        )
        #expect(debt.overdue == .seconds(11))
        #expect(debt.isWorsening == isWorsening)
    }

    @Test func `a debt that shrinks says when it will be gone`() throws {
        let now = try #require(Timestamp(parsing: "2026-04-01T00:00:00Z"))
        let debt = Debt(
            policy: "p",
            oldest: now - .days(1) - .hours(2),
            keep: .days(1),
            now: now,
            before: [4 * 3600],
            interval: .hours(24)
        )
        #expect(debt.drainedAt == now + .hours(24))
        let gone = Debt(policy: "p", oldest: nil, keep: .days(1), now: now, before: [4 * 3600], interval: .hours(24))
        #expect(gone.drainedAt == nil && gone.overdue == .zero)
    }
}
