package import CygniDNS

/// All that one look asked for, as it was answered: what verdicts are made of, and the evidence for them.
package struct Examination: Hashable, Sendable {
    package var challenge: Finding
    package var a: Finding
    package var aaaa: Finding
    package var authority: CAAFinding
    package var zone: ZoneFinding
    /// What more was asked, where something is wrong or it was time.
    package var survey: Survey?

    package init(challenge: Finding, a: Finding, aaaa: Finding, authority: CAAFinding, zone: ZoneFinding) {
        self.challenge = challenge
        self.a = a
        self.aaaa = aaaa
        self.authority = authority
        self.zone = zone
    }

    /// Nobody could say anything.
    static func unknown(_ cause: Finding.Unknown, at name: DomainName) -> Examination {
        Examination(
            challenge: .unknown(cause),
            a: .unknown(cause),
            aaaa: .unknown(cause),
            authority: .unknown(at: name, cause),
            zone: .unknown(cause)
        )
    }
}

/// Which CAA records count for a name.
package enum CAAFinding: Hashable, Sendable {
    case set(CAASet)
    /// Nobody restricts anything.
    case none
    /// A CA that cannot tell must not issue either (RFC 8659, 3).
    case unknown(at: DomainName, Finding.Unknown)
}

/// The zone that a name is in.
package enum ZoneFinding: Hashable, Sendable {
    case zone(Zone)
    case unknown(Finding.Unknown)

    package struct Zone: Hashable, Sendable {
        package var apex: DomainName
        /// Of its SOA record: the primary server and the mailbox.
        package var authority: [DomainName]
        /// Names of its NS set, sorted.
        package var servers: [DomainName]
        package var isSigned: Bool
        /// Its DS records, sorted, as hexadecimal.
        package var delegations: [String] = []

        /// One value for who serves the zone: it changes when the zone changes hands.
        package var fingerprint: String {
            let parts = [
                [apex.description], authority.map(\.description), delegations.isEmpty ? ["unsigned"] : delegations,
                servers.map(\.description),
            ]
            return parts.map { $0.joined(separator: " ") }.joined(separator: " / ")
        }

        /// Whose servers serve it, by what they registered.
        package var provider: String {
            let names = Set(servers.map { HostName.registrable(of: $0) ?? $0 }.map(\.description))
            return names.sorted().joined(separator: " ")
        }
    }

    package var zone: Zone? {
        guard case .zone(let zone) = self else { return nil }
        return zone
    }
}
