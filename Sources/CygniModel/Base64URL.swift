/// Base64 with the URL's alphabet and without padding (RFC 7515, section 2; RFC 4648, section 5).
package enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// By byte, its place in the alphabet; 255: it is none of it.
    private static let places: [UInt8] = {
        var places = [UInt8](repeating: 255, count: 256)
        for (place, byte) in alphabet.enumerated() { places[Int(byte)] = UInt8(place) }
        return places
    }()

    package static func encode(_ bytes: some Sequence<UInt8>) -> String { encode(Array(bytes)) }

    private static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        // Bits that have not made a character yet, in the lowest places.
        var (bits, count): (UInt32, UInt32) = (0, 0)
        for byte in bytes {
            (bits, count) = (bits << 8 | UInt32(byte), count + 8)
            while count >= 6 {
                count -= 6
                text.append(alphabet[Int(bits >> count & 63)])
            }
        }
        if count > 0 { text.append(alphabet[Int(bits << (6 - count) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil for what is neither; padding and the plain alphabet are taken too, as some CAs hand out keys with them.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let padding = text.utf8.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        return decode(Array(text.utf8.dropLast(padding))) { byte in
            switch byte {
            case UInt8(ascii: "+"): 62
            case UInt8(ascii: "/"): 63
            default: places[Int(byte)]
            }
        }?.bytes
    }

    /// Nil for anything but the one spelling that ``encode(_:)`` gives: for what is compared as a text elsewhere.
    package static func decode(exactly text: some StringProtocol) -> [UInt8]? {
        guard let (bytes, rest) = decode(Array(text.utf8), { places[Int($0)] }), rest == 0 else { return nil }
        return bytes
    }

    /// - Returns: the bytes, and the bits after the last of them, which an encoder leaves 0.
    private static func decode(_ text: [UInt8], _ place: (UInt8) -> UInt8) -> (
        bytes: [UInt8], rest: UInt32
    )? {
        var bytes: [UInt8] = []
        var (bits, count): (UInt32, UInt32) = (0, 0)
        for character in text {
            let place = place(character)
            guard place < 64 else { return nil }
            (bits, count) = (bits << 6 | UInt32(place), count + 6)
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            bits &= 1 << count - 1
        }
        // One character alone makes no byte.
        return count == 6 ? nil : (bytes, bits)
    }
}
