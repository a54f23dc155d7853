import CygniDNS

/// The absence that a test's zone tells of.
func negative(_ zone: String) throws -> Message.Negative {
    let names = [zone, "ns.\(zone)", "host.\(zone)"].compactMap { DomainName($0) }
    return Message.Negative(zone: names[0], seconds: 30, authority: Array(names.dropFirst()))
}
