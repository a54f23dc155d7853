package import CygniACME
package import CygniDNS
import SwiftASN1
import X509

/// A name that a certificate is for: a host's, a wildcard, or an address.
package enum CertificateName: Hashable, Sendable {
    case host(String)
    case wildcard(below: String)
    /// Four or sixteen bytes.
    case address([UInt8])

    package init(_ text: String) {
        if !text.contains("@"), let address = ServerAddress(text) {
            self = .address(address.bytes)
        } else if text.hasPrefix("*.") {
            self = .wildcard(below: String(text.dropFirst(2)).lowercased())
        } else {
            self = .host(text.lowercased())
        }
    }

    /// As a CA is asked for it (RFC 8555, 7.1.3; RFC 8738).
    package var identifier: ACMEIdentifier {
        switch self {
        case .host(let name): ACMEIdentifier(type: "dns", value: name)
        case .wildcard(let name): ACMEIdentifier(type: "dns", value: "*.\(name)")
        case .address(let bytes): ACMEIdentifier(type: "ip", value: ServerAddress.text(bytes))
        }
    }

    /// The name whose DNS counts; nil of an address.
    package var base: DomainName? {
        switch self {
        case .host(let name), .wildcard(let name): DomainName(name)
        case .address: nil
        }
    }

    /// Letters, digits and hyphens, as host names have them (RFC 1123, 2.1); an address is always one.
    package var isWellFormed: Bool {
        guard case .address = self else {
            return base?.labels.allSatisfy { label in
                label.first != 0x2D && label.last != 0x2D
                    && label.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
            } ?? false
        }
        return true
    }

    package var isWildcard: Bool { if case .wildcard = self { true } else { false } }

    var generalName: GeneralName {
        switch self {
        case .host(let name): .dnsName(name)
        case .wildcard(let name): .dnsName("*.\(name)")
        case .address(let bytes): .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
        }
    }

    /// The part that limits of CAs count by (Public Suffix List); an address counts for itself.
    package var registered: String {
        guard let base else { return identifier.value }
        return HostName.registrable(of: base)?.description ?? base.description
    }

    /// Whether a certificate's name is this one.
    package func matches(_ other: CertificateName) -> Bool { self == other }
}
