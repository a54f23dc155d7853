/// A domain name: its labels as bytes, ASCII letters lowered, since names are compared without regard to case (RFC 4343).
package struct DomainName: Hashable, Sendable, CustomStringConvertible {
    /// From the left, without the root.
    package let labels: [[UInt8]]

    package static let root = DomainName(unchecked: [])

    init(unchecked labels: [[UInt8]]) { self.labels = labels }

    /// - Returns: nil when a label is empty or longer than 63 bytes, or the whole longer than 255 on the wire (RFC 1035, 2.3.4).
    package init?(labels: [[UInt8]]) {
        guard labels.allSatisfy({ (1...63).contains($0.count) }), labels.reduce(1, { $0 + $1.count + 1 }) <= 255 else {
            return nil
        }
        self.labels = labels.map { $0.map(Self.lowered) }
    }

    /// Reads the written form, with or without the dot at the end; `\.` and `\046` are bytes of a label (RFC 1035, 5.1).
    package init?(_ text: String) {
        if text == "." { self = .root; return }
        var labels: [[UInt8]] = []
        var label: [UInt8] = []
        var bytes = Array(text.utf8)[...]
        if text.hasSuffix("."), !text.hasSuffix("\\.") { bytes = bytes.dropLast() }
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "."):
                labels.append(label)
                label = []
            case UInt8(ascii: "\\"):
                guard let next = bytes.first else { return nil }
                if (0x30...0x39).contains(next) {
                    guard let value = UInt8(String(decoding: bytes.prefix(3), as: UTF8.self)), bytes.count >= 3 else {
                        return nil
                    }
                    label.append(value)
                    bytes = bytes.dropFirst(3)
                } else {
                    label.append(next)
                    bytes = bytes.dropFirst()
                }
            default: label.append(byte)
            }
        }
        labels.append(label)
        self.init(labels: labels)
    }

    private static func lowered(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

    /// Without the dot at the end; the root is a dot. Whatever could be mistaken, or move a cursor, is escaped.
    package var description: String {
        guard !labels.isEmpty else { return "." }
        return labels.map { label in
            var text = ""
            for byte in label {
                switch byte {
                case UInt8(ascii: "."), UInt8(ascii: "\\"): text += "\\" + String(UnicodeScalar(byte))
                case 0x21...0x7E: text.unicodeScalars.append(UnicodeScalar(byte))
                default:
                    let digits = String(byte)
                    text += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
                }
            }
            return text
        }.joined(separator: ".")
    }

    /// The name above; nil for the root.
    package var parent: DomainName? { labels.isEmpty ? nil : DomainName(unchecked: Array(labels.dropFirst())) }

    /// Whether it is `other` or below it.
    package func isWithin(_ other: DomainName) -> Bool { labels.suffix(other.labels.count).elementsEqual(other.labels) }

    /// The name with a label in front of it.
    ///
    /// - Returns: nil when that gets too long.
    package func prefixed(_ label: String) -> DomainName? { DomainName(labels: [Array(label.utf8)] + labels) }

    /// On the wire, not compressed (RFC 1035, 3.1).
    package var wire: [UInt8] { labels.flatMap { [UInt8($0.count)] + $0 } + [0] }
}
