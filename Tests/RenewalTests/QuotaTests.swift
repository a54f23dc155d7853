import CertRenewal
import CygniConfig
import CygniModel
import Testing

/// Limits of CAs as token buckets.
@Suite struct QuotaTests {
    private let now = Timestamp(seconds: 1_800_000_000)

    @Test func `fills up evenly and never over its size`() {
        let bucket = TokenBucket(Rate(300, per: .hours(3)), level: 0, at: now)
        #expect(bucket.level(at: now) == 0)
        #expect(abs(bucket.level(at: now + .seconds(36)) - 1) < 1e-9)
        #expect(bucket.level(at: now + .days(9)) == 300)
        // A clock that went back gains nothing.
        #expect(bucket.level(at: now - .hours(5)) == 0)
    }

    @Test func `how long one has to wait`() {
        let rate = Rate(5, per: .days(7))
        var bucket = TokenBucket(rate, at: now)
        for _ in 0..<5 {
            #expect(bucket.wait(at: now, reserve: 0) == .zero)
            bucket = bucket.taking(at: now)
        }
        let wait = bucket.wait(at: now, reserve: 0)
        #expect(abs(wait.inSeconds - 33.6 * 3600) < 1)
        #expect(bucket.wait(at: now + wait, reserve: 0) == .zero)
        #expect(TokenBucket(rate, level: 2, at: now).wait(at: now, reserve: 2) > .zero)
        // A reserve as large as the bucket would keep everybody out for ever.
        #expect(TokenBucket(rate, at: now).wait(at: now, reserve: 99) == .zero)
    }

    private var authority: AuthoritySection { ConfigReader.standard(AuthoritySection.self) }

    @Test func `Let's Encrypt's limits are the default, and its exemptions hold`() {
        func claims(_ kind: QuotaClaim.Kind) -> [String] {
            QuotaClaim.claims(
                kind,
                names: ["b.example.com", "a.example.com"],
                registered: ["example.com"],
                authority,
                headroom: 0.2
            ).map { "\($0.bucket) \($0.rate.text) \($0.reserve) \($0.takes)" }
        }
        #expect(
            claims(.first(isNewTenant: false)) == [
                "failures:a.example.com 5 per 1h 0.0 false", "failures:b.example.com 5 per 1h 0.0 false",
                "names:a.example.com,b.example.com 5 per 7d 0.0 true", "orders 300 per 3h 60.0 true",
                "registered:example.com 50 per 7d 10.0 true",
            ]
        )
        #expect(claims(.first(isNewTenant: true)).contains("orders 300 per 3h 0.0 true"))
        #expect(claims(.renewal).map { $0.prefix(5) } == ["failu", "failu", "names"])
        #expect(claims(.replacement).isEmpty)
    }

    @Test(arguments: ["300 per 3h", "1 per 1s"]) func `a rate as it is written`(_ text: String) {
        #expect(Rate(parsing: text)?.text == text)
    }

    @Test(arguments: ["", "300", "0 per 3h", "-1 per 3h", "3 per 0s", "3 in 1h", "3 per soon"]) func `no rate`(
        _ text: String
    ) {
        #expect(Rate(parsing: text) == nil)
    }
}
