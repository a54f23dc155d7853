import CygniModel

/// When a certificate that failed is tried again: after 1, 10 and 100 minutes, then daily (Let's Encrypt, integration guide),
/// and where that goes on, more and more rarely.
package enum RetryPause {
    package static func pause(failures: Int, quarantineAfter: Int) -> Duration {
        switch failures {
        case ...1: return .minutes(1)
        case 2: return .minutes(10)
        case 3: return .minutes(100)
        default: break
        }
        guard failures >= quarantineAfter else { return .days(1) }
        return min(.days(2) * (1 << min(failures - quarantineAfter, 5)), .days(30))
    }
}
