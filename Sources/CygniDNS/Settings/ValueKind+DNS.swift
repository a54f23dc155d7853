package import CygniConfig

extension ValueKind where Value == String {
    /// Where a server listens.
    package static var serverAddress: ValueKind {
        text("an address such as 192.0.2.53 or 2001:db8::53@5353") { ServerAddress($0)?.description }
    }

    package static var ipAddress: ValueKind {
        text("an address such as 192.0.2.1 or 2001:db8::1") { text in
            text.contains("@") ? nil : ServerAddress(text).map { ServerAddress.text($0.bytes) }
        }
    }

    package static var domainName: ValueKind {
        text("a domain name") { DomainName($0)?.description }
    }

    /// As ldns, dig and IANA write it, with blanks or tabs.
    package static var trustAnchor: ValueKind {
        text("a DS or DNSKEY record such as '. IN DS 20326 8 2 E06D...'") { text in
            let words = text.split { $0.isWhitespace }.map(String.init)
            guard words.count >= 6, DomainName(words[0]) != nil else { return nil }
            guard words.prefix(4).contains(where: { ["DS", "DNSKEY"].contains($0.uppercased()) }) else { return nil }
            return words.joined(separator: " ")
        }
    }

    private static func text(_ phrase: String, _ parse: @escaping @Sendable (String) -> String?) -> ValueKind {
        parsed(phrase, placeholder: "", spell: { $0 }, parse: parse)
    }
}
