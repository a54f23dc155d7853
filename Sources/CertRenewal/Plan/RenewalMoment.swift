package import CygniModel

/// How long a certificate is good for, and when by that alone it is to be renewed. No fixed number of days: what counts is
/// the share of its own lifetime.
package struct Validity: Hashable, Sendable {
    package let notBefore: Timestamp
    package let notAfter: Timestamp

    package init(notBefore: Timestamp, notAfter: Timestamp) { (self.notBefore, self.notAfter) = (notBefore, notAfter) }

    package var lifetime: Duration { notAfter - notBefore }

    /// With a third of it left; with half, where it is shorter than ten days (Let's Encrypt, integration guide).
    package var renewal: Timestamp { moment(left: lifetime < .days(10) ? 1.0 / 2 : 1.0 / 3) }

    /// With a twentieth left nothing that a CA suggested counts any more.
    package var emergency: Timestamp { moment(left: 1.0 / 20) }

    /// The share that is left; 0 once it has ended.
    package func left(at now: Timestamp) -> Double {
        guard lifetime > .zero else { return 0 }
        return min(1, max(0, (notAfter - now).inSeconds / lifetime.inSeconds))
    }

    private func moment(left share: Double) -> Timestamp {
        Timestamp(microseconds: notAfter.microseconds - Int64(Double(lifetime.microseconds) * share))
    }
}

/// The window in which a CA would like a certificate to be renewed (RFC 9773, section 4.2).
package struct SuggestedWindow: Hashable, Sendable {
    package let start: Timestamp
    package let end: Timestamp

    package init(start: Timestamp, end: Timestamp) { (self.start, self.end) = (start, end) }

    /// One moment of it, each as likely as another.
    ///
    /// - Parameter chance: from 0 up to 1.
    package func moment(chance: Double) -> Timestamp {
        Timestamp(microseconds: start.microseconds + Int64(Double((end - start).microseconds) * chance))
    }
}

/// When a certificate is renewed.
package enum RenewalMoment {
    /// The moment that was chosen stays as it is while the window does; another window gets another moment.
    ///
    /// - Parameters:
    ///   - chosen: what is stored; nil: nothing yet.
    ///   - old: the window that it was chosen from; nil: from none.
    package static func choose(
        _ validity: Validity,
        window: SuggestedWindow?,
        old: SuggestedWindow?,
        chosen: Timestamp?,
        chance: Double
    ) -> Timestamp {
        let wish: Timestamp
        if let chosen, window == old, window != nil {
            wish = chosen
        } else {
            wish = window?.moment(chance: chance) ?? validity.renewal
        }
        return min(wish, validity.emergency)
    }
}
