package import CygniDNS

/// Where the platform serves from.
package struct Edge: Hashable, Sendable {
    /// Four bytes, or sixteen.
    package var addresses: Set<[UInt8]>
    /// Names that a domain's alias may lead to.
    package var names: Set<DomainName> = []
    /// Networks of proxies that tenants may put in front.
    package var proxies: [Network] = []

    /// Nobody said where domains are to lead.
    var isEmpty: Bool { addresses.isEmpty && names.isEmpty }

    package init(addresses: Set<[UInt8]>, names: Set<DomainName> = [], proxies: [Network] = []) {
        self.addresses = addresses
        self.names = names
        self.proxies = proxies
    }

    /// `192.0.2.0/24`, `2001:db8::/32`.
    package struct Network: Hashable, Sendable {
        package var bytes: [UInt8]
        package var length: Int

        package init?(_ text: String) {
            let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
            guard let address = parts.first.flatMap({ ServerAddress($0) }), !text.contains("@") else { return nil }
            bytes = address.bytes
            guard let length = parts.count == 2 ? Int(parts[1]) : bytes.count * 8,
                (0...bytes.count * 8).contains(length)
            else { return nil }
            self.length = length
        }

        package func contains(_ address: [UInt8]) -> Bool {
            guard address.count == bytes.count else { return false }
            return (0..<length).allSatisfy { bit in
                (address[bit / 8] ^ bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
            }
        }
    }
}

/// Judges where a name leads, from its A and AAAA records.
package struct Target: Hashable, Sendable {
    package var verdict: Verdict
    /// Addresses that are not ours.
    package var strangers: [[UInt8]] = []
    /// All the addresses are a proxy's: somebody's way to us, or to anywhere. Never a proof by itself.
    package var isProxied = false
    /// It leads to us by an alias and not by addresses that somebody copied, which stay when ours move.
    package var followsAlias = false

    package init(a: Finding, aaaa: Finding, edge: Edge) {
        var found: [[UInt8]] = []
        var unknown: Reason?
        for finding in [a, aaaa] {
            switch finding {
            case .present(let records, let aliases, _):
                found += records.compactMap { if case .address(let bytes) = $0.data { bytes } else { nil } }
                followsAlias = followsAlias || aliases.contains { edge.names.contains($0) }
            case .absent: continue
            case .unknown(let cause): unknown = unknown ?? Reason(cause)
            }
        }
        guard !edge.isEmpty else {
            verdict = .present
            return
        }
        // Where no addresses are known, the alias alone tells.
        strangers = edge.addresses.isEmpty && followsAlias ? [] : found.filter { !edge.addresses.contains($0) }
        let isOurs = strangers.count < found.count
        isProxied = !found.isEmpty && found.allSatisfy { address in edge.proxies.contains { $0.contains(address) } }
        // A stranger's address is one, whatever the other family says; all else wants both answers.
        if !strangers.isEmpty, !isProxied {
            verdict = .absent(isOurs ? .targetSplit : .targetElsewhere)
        } else if let unknown {
            verdict = .unknown(unknown)
        } else {
            verdict = found.isEmpty ? .absent(.targetMissing) : .present
        }
    }
}
