package import CygniConfig
import Crypto
import CygniModel
import FoundationEssentials

/// The key-encryption keys of a platform, by version; the current one seals, the others still open.
///
/// Envelope encryption: each value has a data-encryption key of its own, AES-256-GCM (NIST SP 800-38D); that key, sealed with
/// a key-encryption key, stands in front of it. A change of the key-encryption key writes a new envelope around the same
/// data. Both layers authenticate the place of the value.
///
/// Layout: `cyS1`, one byte length and the name of the key-encryption key, the sealed data key (12 + 32 + 16 bytes), the
/// sealed value (12 bytes nonce, ciphertext, 16 bytes tag).
package struct KeyRing: Sendable {
    private let keys: [String: SymmetricKey]
    /// The version that seals; nil: nothing can be sealed or opened.
    package let current: String?

    /// - Throws: ``SealError/badKey(_:)``.
    package init(_ settings: SealingSettings) throws(SealError) {
        var keys: [String: SymmetricKey] = [:]
        for (name, secret) in settings.keys {
            let text = secret.reveal().filter { !$0.isWhitespace }
            guard let bytes = Data(base64Encoded: text), bytes.count == 32 else { throw .badKey(name) }
            keys[name] = SymmetricKey(data: bytes)
        }
        self.keys = keys
        current = settings.current
    }

    /// - Throws: ``SealError/noKey``.
    package func seal(_ value: [UInt8], at place: SealPlace) throws(SealError) -> [UInt8] {
        let data = SymmetricKey(size: .bits256)
        let envelope = try envelope(of: data, at: place)
        // The data key is fresh: a random nonce never meets another under it.
        guard
            let sealed = try? AES.GCM.seal(value, using: data, authenticating: place.associatedData("value", key: "")),
            let body = sealed.combined
        else { throw .malformed(place) }
        return envelope + body
    }

    package func open(_ sealed: [UInt8], at place: SealPlace) throws(SealError) -> [UInt8] {
        let parts = try Parts(sealed, place)
        let data = try dataKey(parts, place)
        guard
            let box = try? AES.GCM.SealedBox(combined: parts.body),
            let value = try? AES.GCM.open(box, using: data, authenticating: place.associatedData("value", key: ""))
        else { throw .notAuthentic(parts.key, place) }
        return Array(value)
    }

    /// The same value under the current key-encryption key; nil when it is already. The value itself is not opened.
    package func rewrap(_ sealed: [UInt8], at place: SealPlace) throws(SealError) -> [UInt8]? {
        let parts = try Parts(sealed, place)
        guard parts.key != current else { return nil }
        return try envelope(of: dataKey(parts, place), at: place) + parts.body
    }

    /// The version of the key-encryption key that `sealed` needs.
    package static func version(of sealed: [UInt8], at place: SealPlace) throws(SealError) -> String {
        try Parts(sealed, place).key
    }

    private func envelope(of data: SymmetricKey, at place: SealPlace) throws(SealError) -> [UInt8] {
        guard let current, let key = keys[current] else { throw .noKey }
        let bytes = data.withUnsafeBytes { Array($0) }
        let sealed = try? AES.GCM.seal(bytes, using: key, authenticating: place.associatedData("key", key: current))
        guard let wrapped = sealed?.combined else { throw .malformed(place) }
        let name = Array(current.utf8)
        return Parts.magic + [UInt8(name.count)] + name + wrapped
    }

    private func dataKey(_ parts: Parts, _ place: SealPlace) throws(SealError) -> SymmetricKey {
        guard let key = keys[parts.key] else { throw .unknownKey(parts.key, place) }
        guard
            let box = try? AES.GCM.SealedBox(combined: parts.wrapped),
            let data = try? AES.GCM.open(box, using: key, authenticating: place.associatedData("key", key: parts.key))
        else { throw .notAuthentic(parts.key, place) }
        return SymmetricKey(data: data)
    }

    private struct Parts {
        static let magic = Array("cyS1".utf8)
        /// A nonce, 32 bytes, a tag.
        private static let wrappedSize = 60

        let key: String
        let wrapped: ArraySlice<UInt8>
        let body: ArraySlice<UInt8>

        init(_ sealed: [UInt8], _ place: SealPlace) throws(SealError) {
            guard sealed.starts(with: Self.magic), sealed.count > Self.magic.count else { throw .malformed(place) }
            let start = Self.magic.count + 1
            let end = start + Int(sealed[Self.magic.count])
            guard sealed.count >= end + Self.wrappedSize + 28 else { throw .malformed(place) }
            key = String(decoding: sealed[start..<end], as: UTF8.self)
            wrapped = sealed[end..<end + Self.wrappedSize]
            body = sealed[(end + Self.wrappedSize)...]
        }
    }
}
