import CygniModel
import Synchronization

/// Spares providers of DNS: so many of one's domains a second, and none once it does not answer, but for a probe now and then.
final class ProviderGate: Sendable {
    struct Limits: Hashable, Sendable {
        /// Domains a second; 0: no limit.
        var perSecond = 200
        /// Domains in a row without an answer.
        var breakAfter = 3
        var probe = Duration.seconds(5)
    }

    enum Admission: Hashable, Sendable {
        /// After this pause.
        case go(Duration)
        case refused
    }

    private struct Provider {
        /// When the next domain may be looked at.
        var free: ContinuousClock.Instant
        var failures = 0
        var nextProbe: ContinuousClock.Instant?
    }

    private let limits: Limits
    private let providers = Mutex<[String: Provider]>([:])

    init(_ limits: Limits) { self.limits = limits }

    func admit(_ name: String?, now: ContinuousClock.Instant) -> Admission {
        guard let name else { return .go(.zero) }
        return providers.withLock { providers in
            var provider = providers[name] ?? Provider(free: now)
            defer { providers[name] = provider }
            if let probe = provider.nextProbe {
                guard now >= probe else { return .refused }
                provider.nextProbe = now + limits.probe
                return .go(.zero)
            }
            guard limits.perSecond > 0 else { return .go(.zero) }
            // A burst of one second's worth may go at once.
            let start = max(provider.free, now - .seconds(1))
            provider.free = start + .seconds(1) / limits.perSecond
            return .go(max(.zero, start - now))
        }
    }

    func ended(_ name: String?, answered: Bool, now: ContinuousClock.Instant) {
        guard let name else { return }
        providers.withLock { providers in
            var provider = providers[name] ?? Provider(free: now)
            provider.failures = answered ? 0 : provider.failures + 1
            if answered {
                provider.nextProbe = nil
            } else if provider.failures >= limits.breakAfter {
                provider.nextProbe = provider.nextProbe ?? now + limits.probe
            }
            providers[name] = provider
        }
    }
}
