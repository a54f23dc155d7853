import CygniModel
import Testing

@testable import DNSVerification

/// When a domain is looked at again, and how its provider is spared.
struct RhythmTests {
    private static let now = Timestamp(microseconds: 1_800_000_000_000_000)
    private static let gone = Look(ownership: .absent(.ownershipMissing), target: .present)
    private static let good = Look(ownership: .present, target: .present)
    private static let unknown = Look(ownership: .unknown(.timeout), target: .unknown(.timeout))

    /// - Parameter chance: in the middle, so that nothing is added or taken away.
    private func interval(
        _ state: Standing.State,
        age: Duration,
        _ look: Look,
        changes: Duration = .zero,
        chance: Double = 0.5
    ) -> Duration? {
        let standing = Standing(state: state, since: Self.now - age, tokenMadeAt: Self.now - age)
        return Rhythm().next(standing, look, changes: changes, now: Self.now, chance: chance).map { $0 - Self.now }
    }

    @Test func `quick at first, then slower and slower, and never before the answer can have changed`() {
        #expect(interval(.pending, age: .minutes(2), Self.gone) == .minutes(1))
        #expect(interval(.pending, age: .minutes(14), Self.gone, changes: .hours(1)) == .minutes(1))
        #expect(interval(.pending, age: .minutes(40), Self.gone) == .minutes(5))
        #expect(interval(.pending, age: .minutes(40), Self.gone, changes: .minutes(30)) == .minutes(30))
        #expect(interval(.pending, age: .days(20), Self.gone) == .hours(6))
        #expect(interval(.pending, age: .minutes(40), Self.gone, changes: .days(7)) == .hours(6))
        #expect(interval(.quarantined, age: .hours(8), Self.gone) == .hours(1))
    }

    @Test func `a domain in service is looked at daily, and soon when something is amiss or unknown`() {
        #expect(interval(.verified, age: .days(90), Self.good) == .hours(24))
        #expect(interval(.verified, age: .days(90), Self.gone) == .minutes(5))
        #expect(interval(.verified, age: .days(90), Self.unknown) == .minutes(5))
        #expect(interval(.removed, age: .days(90), Self.good) == nil)
    }

    @Test func `what was added together does not stay together`() {
        #expect(interval(.verified, age: .days(1), Self.good, chance: 0) == .hours(24) * 0.9)
        #expect(interval(.verified, age: .days(1), Self.good, chance: 0.999)! > .hours(26))
    }

    @Test func `a provider's domains are let through so many a second`() {
        let gate = ProviderGate(.init(perSecond: 10, breakAfter: 3, probe: .seconds(5)))
        let now = ContinuousClock.now
        let pauses = (0..<30).map { _ in gate.admit("dns.example", now: now) }
        #expect(pauses.first == .go(.zero) && pauses.last == .go(.milliseconds(2900)))
        #expect(gate.admit("other.example", now: now) == .go(.zero))
        #expect(gate.admit(nil, now: now) == .go(.zero))
    }

    @Test func `a dead provider costs a probe now and then, and is back with its first answer`() {
        let gate = ProviderGate(.init(perSecond: 0, breakAfter: 3, probe: .seconds(5)))
        let now = ContinuousClock.now
        for _ in 1...3 {
            #expect(gate.admit("dead.example", now: now) == .go(.zero))
            gate.ended("dead.example", answered: false, now: now)
        }
        #expect(gate.admit("dead.example", now: now) == .refused)
        #expect(gate.admit("dead.example", now: now + .seconds(5)) == .go(.zero))
        #expect(gate.admit("dead.example", now: now + .seconds(5)) == .refused)
        gate.ended("dead.example", answered: false, now: now + .seconds(6))
        #expect(gate.admit("dead.example", now: now + .seconds(6)) == .refused)
        #expect(gate.admit("dead.example", now: now + .seconds(11)) == .go(.zero))
        gate.ended("dead.example", answered: true, now: now + .seconds(11))
        #expect(gate.admit("dead.example", now: now + .seconds(11)) == .go(.zero))
    }
}
