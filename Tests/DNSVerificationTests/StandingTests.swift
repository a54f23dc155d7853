import CygniModel
import DNSVerification
import Testing

/// How a domain's state follows what looks find.
struct StandingTests {
    private static let start = Timestamp(microseconds: 1_800_000_000_000_000)

    private func standing(
        _ state: Standing.State,
        _ reason: Reason = .ok,
        zone: String? = "z",
        tokenAge: Duration = .days(1)
    ) -> Standing {
        Standing(state: state, reason: reason, since: Self.start, zone: zone, tokenMadeAt: Self.start - tokenAge)
    }

    private static let good = Look(ownership: .present, target: .present, zone: "z")
    private static let gone = Look(ownership: .absent(.ownershipMissing), target: .absent(.targetElsewhere), zone: "z")
    private static let dangling = Look(ownership: .absent(.ownershipMissing), target: .present, zone: "z")

    private func run(_ standing: Standing, _ looks: [(Look, Duration)]) -> [Standing.State] {
        var now = standing
        return looks.map { look, later in
            now = now.after(look, at: Self.start + later, Patience())
            return now.state
        }
    }

    @Test(arguments: [Reason.timeout, .serverFailure, .bogus, .garbled])
    func `what is unknown never changes a state, however often`(reason: Reason) {
        let looks = [
            Look(ownership: .unknown(reason), target: .unknown(reason)),
            Look(ownership: .present, target: .unknown(reason)),
            Look(ownership: .unknown(reason), target: .absent(.targetElsewhere)),
        ]
        for state in Standing.State.allCases where state != .pending {
            for look in looks {
                var now = standing(state)
                for day in 1...20 { now = now.after(look, at: Self.start + .days(day), Patience()) }
                #expect(now.state == state, "\(state) \(look)")
            }
        }
    }

    @Test func `a claim is verified by both, and says what it lacks`() {
        #expect(run(standing(.pending), [(Self.good, .hours(1))]) == [.verified])
        let lacking = standing(.pending).after(
            Look(ownership: .present, target: .absent(.targetMissing)),
            at: Self.start,
            Patience()
        )
        #expect(lacking.state == .pending && lacking.reason == .targetMissing)
        #expect(run(standing(.pending), [(Self.gone, .days(29)), (Self.gone, .days(30))]) == [.pending, .removed])
        #expect(run(standing(.pending), [(Self.good, .days(31))]) == [.verified])
    }

    @Test func `a domain goes in steps, and one look is not enough`() {
        #expect(
            run(
                standing(.verified),
                [
                    (Self.gone, .hours(1)), (Self.good, .hours(2)), (Self.gone, .hours(3)), (Self.gone, .hours(4)),
                    (Self.gone, .days(2)), (Self.gone, .days(4)), (Self.gone, .days(20)), (Self.gone, .days(40)),
                ]
            ) == [.verified, .verified, .verified, .failing, .failing, .quarantined, .quarantined, .removed]
        )
    }

    @Test func `a name that still points at us is quarantined at once, until a token made since is found`() {
        #expect(
            run(standing(.verified), [(Self.dangling, .hours(1)), (Self.dangling, .hours(2))]) == [
                .verified, .quarantined,
            ]
        )
        #expect(run(standing(.quarantined), [(Self.good, .hours(1))]) == [.quarantined])
        #expect(run(standing(.quarantined, tokenAge: .hours(-1)), [(Self.good, .hours(2))]) == [.verified])
    }

    @Test func `a name that only leads elsewhere fails and stays its tenant's`() {
        let elsewhere = Look(ownership: .present, target: .absent(.targetElsewhere), zone: "z")
        #expect(
            run(standing(.verified), (1...60).map { (elsewhere, .days($0)) }).allSatisfy {
                $0 == .verified || $0 == .failing
            }
        )
        #expect(run(standing(.failing), [(Self.good, .hours(1))]) == [.verified])
    }

    @Test func `a zone that changed hands voids the proof`() {
        let moved = Look(ownership: .present, target: .present, zone: "other")
        let voided = standing(.verified).after(moved, at: Self.start + .days(1), Patience())
        #expect(voided.state == .failing && voided.reason == .proofVoid)
        #expect(voided.after(moved, at: Self.start + .days(2), Patience()).state == .failing)
        var renewed = voided
        renewed.tokenMadeAt = Self.start + .days(3)
        let proven = renewed.after(moved, at: Self.start + .days(4), Patience())
        #expect(proven.state == .verified && proven.zone == "other")
        let unknown = Look(ownership: .present, target: .present, zone: nil)
        #expect(standing(.verified).after(unknown, at: Self.start + .days(1), Patience()).state == .verified)
    }

    @Test func `too many flips stop a run, and a provider's outage is named`() {
        func flips(_ count: Int, _ provider: String) -> [FlipGuard.Flip] {
            (0..<count).map { .init(domain: "\($0).example", provider: provider) }
        }
        let limits = FlipGuard()
        #expect(limits.alarm(flips(4, "a"), inService: 4, served: ["a": 4]) == nil)
        #expect(limits.alarm(flips(10, "a"), inService: 1000, served: ["a": 12]) == .provider("a", flips: 10, of: 12))
        #expect(limits.alarm(flips(10, "a"), inService: 1000, served: ["a": 900]) == nil)
        #expect(
            limits.alarm(flips(30, "a") + flips(30, "b"), inService: 1000, served: ["a": 500, "b": 500])
                == .many(flips: 60, of: 1000)
        )
    }
}
