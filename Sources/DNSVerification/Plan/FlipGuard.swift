/// Stops a run whose looks would change too much at once: then the fault is most likely not the tenants'.
package struct FlipGuard: Hashable, Sendable {
    /// Of the domains looked at that were in service.
    package var percent = 5
    /// Fewer changes never stop a run.
    package var atLeast = 5
    /// Of the changes, how many may be of one provider.
    package var providerPercent = 80

    package init() {}

    /// One domain's change for the worse.
    package struct Flip: Hashable, Sendable {
        package var domain: String
        /// Who serves its zone: the registered parts of its name servers' names.
        package var provider: String

        package init(domain: String, provider: String) {
            self.domain = domain
            self.provider = provider
        }
    }

    package enum Alarm: Hashable, Sendable {
        case many(flips: Int, of: Int)
        case provider(String, flips: Int, of: Int)
    }

    /// - Parameters:
    ///   - flips: domains that would leave `verified` for the worse.
    ///   - inService: how many domains were looked at that were in service.
    ///   - served: of them, by provider.
    /// - Returns: why nothing may be written; nil: it may.
    package func alarm(_ flips: [Flip], inService: Int, served: [String: Int]) -> Alarm? {
        guard flips.count >= atLeast else { return nil }
        let byProvider = Dictionary(grouping: flips, by: \.provider).mapValues(\.count)
        // One whose every customer is hit has an outage; that it has most customers is no sign.
        if let (provider, count) = byProvider.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
            count * 100 > flips.count * providerPercent, count * 2 > served[provider, default: count]
        {
            return .provider(provider, flips: count, of: served[provider, default: count])
        }
        return flips.count * 100 > inService * percent ? .many(flips: flips.count, of: inService) : nil
    }
}
