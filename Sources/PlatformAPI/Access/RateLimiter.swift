import CygniAccess
import CygniModel
import FoundationEssentials
import HTTPTypes
import Synchronization

/// Counts each tenant's requests, by class, within this process. Several servers would share the counts through Redis; this
/// is the place where they would be asked for.
final class RateLimiter: Sendable {
    private struct Key: Hashable {
        let tenant: UUID
        let rate: APIOperation.RateClass
    }

    private static let shardCount = 16
    private static let sweepAbove = 10_000
    private let shards = (0..<shardCount).map { _ in Shard() }
    private let start = ContinuousClock.now

    private final class Shard: Sendable {
        let arrivals = Mutex<[Key: Int64]>([:])
    }

    /// - Returns: the decision, and the headers that tell it (draft-ietf-httpapi-ratelimit-headers-10).
    func take(_ tenant: UUID, _ rate: APIOperation.RateClass, _ settings: RateSettings) -> (GCRA.Decision, HTTPFields) {
        let perMinute =
            switch rate {
            case .writes: settings.writes
            case .ingest: settings.ingest
            case .reads, .none: settings.reads
            }
        let rule = GCRA(perMinute: perMinute)
        // Monotonic: the wall clock may jump.
        let now = (ContinuousClock.now - start).microseconds
        let key = Key(tenant: tenant, rate: rate)
        let decision = shards[abs(key.hashValue % Self.shardCount)].arrivals.withLock { arrivals in
            if arrivals.count > Self.sweepAbove { arrivals = arrivals.filter { $0.value > now } }
            let decision = rule.decide(arrivals[key], now: now)
            arrivals[key] = decision.arrival
            return decision
        }
        return (decision, Self.headers(rate, perMinute, decision))
    }

    private static func headers(_ rate: APIOperation.RateClass, _ perMinute: Int, _ decision: GCRA.Decision)
        -> HTTPFields
    {
        var headers: HTTPFields = [:]
        headers[.rateLimitPolicy] = "\"\(rate.rawValue)\";q=\(perMinute);w=60"
        headers[.rateLimit] = "\"\(rate.rawValue)\";r=\(decision.remaining);t=\(seconds(decision.resetAfter))"
        if !decision.isAllowed { headers[.retryAfter] = "\(max(1, seconds(decision.retryAfter)))" }
        return headers
    }

    private static func seconds(_ microseconds: Int64) -> Int64 { (microseconds + 999_999) / 1_000_000 }
}
