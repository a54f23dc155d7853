import CIDN2
import CPSL

/// A name that a tenant may bring: as it is registered, in ASCII, with a star in front where it is a wildcard.
package struct HostName: Hashable, Sendable, CustomStringConvertible {
    /// Without the star.
    package let base: DomainName
    package let isWildcard: Bool

    /// Why a text is no such name.
    package enum Fault: Error, Hashable, Sendable {
        case empty
        /// An address is not a name.
        case address
        /// The star stands elsewhere than alone in front.
        case star
        /// One label only: nobody's but the root's.
        case singleLabel
        /// Longer than 253 bytes, or a label than 63.
        case tooLong
        /// A label that may not be registered, in the words of libidn2.
        case label(String)
        /// Everybody registers below it: `co.uk`.
        case publicSuffix(String)
    }

    /// Takes what a person typed: any case, letters of any script, a dot at the end.
    ///
    /// - Throws: ``Fault``.
    package init(_ text: String) throws(Fault) {
        var name = text.trimmed
        if name.hasSuffix(".") { name.removeLast() }
        guard !name.isEmpty else { throw .empty }
        guard !Self.isAddress(name) else { throw .address }
        isWildcard = name.hasPrefix("*.")
        if isWildcard { name.removeFirst(2) }
        guard !name.contains("*") else { throw .star }
        let ascii = try Self.ascii(name)
        guard ascii.utf8.count <= 253, let base = DomainName(ascii) else { throw .tooLong }
        guard base.labels.count > 1 else { throw .singleLabel }
        try Self.checkLabels(base)
        guard !Self.isPublicSuffix(ascii) else { throw .publicSuffix(ascii) }
        self.base = base
    }

    package var description: String { (isWildcard ? "*." : "") + base.description }

    /// The part that somebody registered, `example.co.uk`; nil when the list knows none.
    package var registrable: DomainName? { Self.registrable(of: base) }

    /// The part of any name that somebody registered; nil when the list knows none.
    package static func registrable(of name: DomainName) -> DomainName? {
        guard let list = psl_builtin() else { return nil }
        // What is found is a part of the text itself, so the text must still be there when it is copied.
        let found = name.description.withCString { text in
            psl_registrable_domain(list, text).map { String(cString: $0) }
        }
        return found.flatMap { DomainName($0) }
    }

    /// Whether names are registered below it, be it by a registry or by a platform.
    package static func isSuffix(_ name: DomainName) -> Bool {
        guard let list = psl_builtin() else { return false }
        return psl_is_public_suffix(list, name.description) == 1
    }

    /// Whether the name is what somebody registered, and so cannot be an alias (RFC 1034, 3.6.2).
    package var isApex: Bool { registrable == base }

    /// IDNA 2008 for lookups (RFC 5891, 5), which maps capitals and refuses what may not be registered.
    private static func ascii(_ name: String) throws(Fault) -> String {
        var output: UnsafeMutablePointer<CChar>?
        let flags = Int32(IDN2_NFC_INPUT.rawValue | IDN2_NONTRANSITIONAL.rawValue)
        let code = idn2_to_ascii_8z(name, &output, flags)
        defer { if let output { idn2_free(output) } }
        guard code == IDN2_OK.rawValue, let output else {
            guard code != IDN2_TOO_BIG_LABEL.rawValue, code != IDN2_TOO_BIG_DOMAIN.rawValue else { throw .tooLong }
            throw .label(String(cString: idn2_strerror(code)))
        }
        return String(cString: output).lowercased()
    }

    /// Letters, digits and hyphens, none of these at an end (RFC 1123, 2.1). An underscore makes a name that is no host's.
    private static func checkLabels(_ name: DomainName) throws(Fault) {
        for label in name.labels {
            let text = String(decoding: label, as: UTF8.self)
            let isPlain = label.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
            }
            guard isPlain else {
                throw .label("'\(DomainName(unchecked: [label]))' has characters that no host name has")
            }
            guard label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-") else {
                throw .label("'\(text)' begins or ends with a hyphen")
            }
        }
        // So that it cannot be taken for an address.
        guard let last = name.labels.last, !last.allSatisfy({ (0x30...0x39).contains($0) }) else { throw .address }
    }

    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return text.contains(":") || (parts.count == 4 && parts.allSatisfy { UInt8($0) != nil })
    }

    /// The list's section of registries; `github.io` is of the other one, where a customer may have a name of their own.
    private static func isPublicSuffix(_ name: String) -> Bool {
        guard let list = psl_builtin() else { return false }
        return psl_is_public_suffix2(list, name, PSL_TYPE_ICANN) == 1
    }
}

extension String {
    fileprivate var trimmed: String {
        let start = drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
