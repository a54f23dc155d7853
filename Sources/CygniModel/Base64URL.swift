import FoundationEssentials

/// Base64 with the URL's alphabet and without padding (RFC 7515, section 2; RFC 4648, section 5).
package enum Base64URL {
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        let standard = Data(bytes).base64EncodedString().utf8.lazy.filter { $0 != UInt8(ascii: "=") }
        return String(decoding: standard.map { swapped($0, "+/", "-_") }, as: UTF8.self)
    }

    /// Nil for what is neither; padding is taken too, as some CAs hand out keys with it.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let plain = text.utf8.filter { $0 != UInt8(ascii: "=") }.map { swapped($0, "-_", "+/") }
        let padding = String(repeating: "=", count: (4 - plain.count % 4) % 4)
        return Data(base64Encoded: String(decoding: plain, as: UTF8.self) + padding).map { Array($0) }
    }

    /// Nil for anything but the one spelling that ``encode(_:)`` gives: for what is compared as a text elsewhere.
    package static func decode(exactly text: some StringProtocol) -> [UInt8]? {
        decode(text).flatMap { encode($0) == text ? $0 : nil }
    }

    /// The character of `to` at the place that a character has in `from`.
    private static func swapped(_ byte: UInt8, _ from: StaticString, _ to: StaticString) -> UInt8 {
        for place in 0..<2 where from.utf8Start[place] == byte { return to.utf8Start[place] }
        return byte
    }
}
