import CygniTestSupport
import Testing

@testable import PlatformAPI

@Suite struct GCRATests {
    /// A bucket that is kept by the microsecond: what GCRA must do with one number.
    private struct ExactBucket {
        let interval: Int64
        let burst: Int64
        /// Of every request that was granted.
        var granted: [Int64] = []

        mutating func take(_ now: Int64) -> Bool {
            // The level that drains by one each interval.
            var full = Int64.min
            for time in granted { full = max(full, time) + interval }
            guard full == .min || full + interval - interval * burst <= now || full <= now else { return false }
            granted.append(now)
            return true
        }
    }

    @Test func likeAnExactBucket() {
        var generator = Seeded(state: 7)
        for _ in 0..<200 {
            let rule = GCRA(
                perMinute: Int.random(in: 1...600, using: &generator),
                burst: Int.random(in: 1...8, using: &generator)
            )
            var exact = ExactBucket(interval: rule.interval, burst: rule.burst)
            var arrival: Int64?
            var now: Int64 = 0
            for _ in 0..<60 {
                now += Int64.random(in: 0...(rule.interval * 2), using: &generator)
                let decision = rule.decide(arrival, now: now)
                arrival = decision.arrival
                #expect(decision.isAllowed == exact.take(now), "\(rule) at \(now)")
                #expect(decision.isAllowed == (decision.retryAfter == 0))
                #expect(decision.remaining >= 0 && decision.remaining < rule.burst)
                if !decision.isAllowed {
                    let later = rule.decide(arrival, now: now + decision.retryAfter)
                    #expect(later.isAllowed, "Retry-After is long enough")
                    #expect(!rule.decide(arrival, now: now + decision.retryAfter - 1).isAllowed, "and no longer")
                }
            }
        }
    }

    @Test func neverMoreThanTheBurstAndTheRate() {
        let rule = GCRA(perMinute: 600, burst: 5)
        var arrival: Int64?
        var granted = 0
        for now in stride(from: Int64(0), to: 10_000_000, by: 1000) {
            let decision = rule.decide(arrival, now: now)
            arrival = decision.arrival
            if decision.isAllowed { granted += 1 }
        }
        #expect(granted == 5 + 99)
    }

    @Test func aClockThatGoesBackGrantsNothing() {
        let rule = GCRA(perMinute: 60, burst: 1)
        let first = rule.decide(nil, now: 10_000_000)
        #expect(first.isAllowed)
        let back = rule.decide(first.arrival, now: 5_000_000)
        #expect(!back.isAllowed)
        #expect(!rule.decide(back.arrival, now: 5_000_001).isAllowed)
    }

    @Test func aSmallerPlanLeavesNoEndlessDebt() {
        let large = GCRA(perMinute: 6, burst: 6)
        var arrival: Int64?
        for _ in 0..<6 { arrival = large.decide(arrival, now: 0).arrival }
        let small = GCRA(perMinute: 600, burst: 1)
        #expect(small.decide(arrival, now: 0).retryAfter <= small.interval)
    }
}
