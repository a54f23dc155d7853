import CertRenewal
import CygniModel
import Testing

/// When a certificate is renewed, for every lifetime there is and will be.
@Suite struct RenewalMomentTests {
    private let start = Timestamp(seconds: 1_800_000_000)

    private func validity(_ lifetime: Duration) -> Validity { Validity(notBefore: start, notAfter: start + lifetime) }

    @Test(arguments: [
        (Duration.days(90), Duration.days(60)), (.days(64), .seconds(64 * 86_400 * 2 / 3)),
        (.days(47), .seconds(47 * 86_400 * 2 / 3)),
        (.days(45), .days(30)), (.hours(160), .hours(80)), (.days(6), .days(3)),
        (.days(398), .seconds(398 * 86_400 * 2 / 3)),
    ]) func `a third left, or half below ten days`(_ lifetime: Duration, _ after: Duration) {
        #expect(abs((validity(lifetime).renewal - (start + after)).inSeconds) < 1)
    }

    @Test func `the chosen moment stays while the window does`() {
        let validity = validity(.days(90))
        let window = SuggestedWindow(start: start + .days(58), end: start + .days(60))
        let first = RenewalMoment.choose(validity, window: window, old: nil, chosen: nil, chance: 0.25)
        #expect(first == start + .days(58) + .hours(12))
        #expect(RenewalMoment.choose(validity, window: window, old: window, chosen: first, chance: 0.9) == first)
        let moved = SuggestedWindow(start: start + .days(10), end: start + .days(12))
        #expect(
            RenewalMoment.choose(validity, window: moved, old: window, chosen: first, chance: 0.5) == start + .days(11)
        )
        // No window: its lifetime decides.
        #expect(RenewalMoment.choose(validity, window: nil, old: nil, chosen: nil, chance: 0.5) == start + .days(60))
    }

    @Test func `with a twentieth left no window counts any more`() {
        let validity = validity(.days(90))
        let late = SuggestedWindow(start: start + .days(89), end: start + .days(90))
        let moment = RenewalMoment.choose(validity, window: late, old: nil, chosen: nil, chance: 0.5)
        #expect(moment == validity.emergency && validity.left(at: moment) > 0.049)
    }

    @Test func `how much is left`() {
        let validity = validity(.days(10))
        #expect(validity.left(at: start - .days(1)) == 1)
        #expect(validity.left(at: start + .days(5)) == 0.5)
        #expect(validity.left(at: start + .days(11)) == 0)
    }

    @Test(arguments: [
        (1, Duration.minutes(1)), (2, .minutes(10)), (3, .minutes(100)), (4, .days(1)), (9, .days(1)), (10, .days(2)),
        (12, .days(8)), (40, .days(30)),
    ])
    func `pauses after failures`(_ failures: Int, _ pause: Duration) {
        #expect(RetryPause.pause(failures: failures, quarantineAfter: 10) == pause)
    }

    @Test func `when the CA is asked again`() {
        let now = start
        #expect(WindowRhythm.next(now, retryAfter: nil, every: .hours(12)) == now + .hours(12))
        #expect(WindowRhythm.next(now, retryAfter: .seconds(1), every: .hours(12)) == now + .minutes(1))
        #expect(WindowRhythm.next(now, retryAfter: .days(30), every: .hours(12)) == now + .days(1))
        #expect(WindowRhythm.next(now, failures: 1, isTransient: true, retryAfter: nil) == now + .minutes(1))
        #expect(WindowRhythm.next(now, failures: 4, isTransient: true, retryAfter: nil) == now + .minutes(8))
        #expect(WindowRhythm.next(now, failures: 50, isTransient: true, retryAfter: nil) == now + .hours(6))
        #expect(WindowRhythm.next(now, failures: 1, isTransient: false, retryAfter: nil) == now + .hours(6))
    }
}
