import FoundationEssentials

/// Base64url without padding (RFC 4648, 5).
package enum Base64URL {
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        let standard = Data(bytes).base64EncodedString().utf8.lazy.filter { $0 != UInt8(ascii: "=") }
        return String(decoding: standard.map { swapped($0, "+/", "-_") }, as: UTF8.self)
    }

    /// - Returns: nil for anything but the one spelling that ``encode(_:)`` gives.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let standard = String(decoding: text.utf8.map { swapped($0, "-_", "+/") }, as: UTF8.self)
        let padded = standard + String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: padded), encode(data) == text else { return nil }
        return Array(data)
    }

    /// The character of `to` at the place that a character has in `from`.
    private static func swapped(_ byte: UInt8, _ from: StaticString, _ to: StaticString) -> UInt8 {
        for place in 0..<2 where from.utf8Start[place] == byte { return to.utf8Start[place] }
        return byte
    }
}
