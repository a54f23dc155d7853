import CygniHTTP
import CygniModel
import Testing

struct RetryTests {
    private let policy = RetryPolicy(attempts: 3, backoff: Backoff(base: .seconds(1), longest: .seconds(4)))

    @Test func `what is of the moment is tried again, as often as allowed`() {
        #expect(policy.pause(after: 1, status: 503, retryAfter: nil, chance: 0) == .milliseconds(500))
        #expect(policy.pause(after: 2, status: 500, retryAfter: nil, chance: 0) == .seconds(1))
        #expect(policy.pause(after: 3, status: 503, retryAfter: nil, chance: 0) == nil)
        for status in [200, 301, 400, 403, 404, 412, 501] {
            #expect(policy.pause(after: 1, status: status, retryAfter: nil, chance: 0) == nil)
        }
    }

    @Test func `Retry-After is waited for, up to a limit`() {
        #expect(policy.pause(after: 1, status: 429, retryAfter: .seconds(7), chance: 0) == .seconds(7))
        #expect(policy.pause(after: 1, status: 429, retryAfter: .zero, chance: 0) == .milliseconds(500))
        #expect(policy.pause(after: 1, status: 429, retryAfter: .seconds(3600), chance: 0) == nil)
    }

    @Test func `errors of the connection are tried again, others are not`() {
        for kind in [HTTPError.Kind.resolve, .connect, .timeout, .cut] {
            #expect(policy.pause(after: 1, error: HTTPError(kind, ""), chance: 0) != nil)
        }
        for kind in [HTTPError.Kind.address, .tls, .tooLarge, .request] {
            #expect(policy.pause(after: 1, error: HTTPError(kind, ""), chance: 0) == nil)
        }
    }

    @Test func `Retry-After is seconds or a date`() {
        let now = Timestamp(parsing: "1994-11-06T08:49:30Z") ?? Timestamp(seconds: 0)
        #expect(RetryAfter.parse("120", now: now) == .seconds(120))
        #expect(RetryAfter.parse("Sun, 06 Nov 1994 08:49:37 GMT", now: now) == .seconds(7))
        #expect(RetryAfter.parse("Sun, 06 Nov 1994 08:49:00 GMT", now: now) == .zero)
        for text in ["", "-1", "soon", "Sun, 06 Nov 1994", "Sun, 06 Foo 1994 08:49:37 GMT"] {
            #expect(RetryAfter.parse(text, now: now) == nil)
        }
    }
}
