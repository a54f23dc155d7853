import Crypto

/// A SHA-256 digest, as the chain links by it.
package struct AuditHash: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    /// Nil unless there are 32 bytes.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == SHA256.byteCount else { return nil }
        self.bytes = bytes
    }

    fileprivate init(_ digest: SHA256.Digest) {
        bytes = Array(digest)
    }

    private init() {
        bytes = Array(repeating: 0, count: SHA256.byteCount)
    }

    /// What the first row of a chain has for its predecessor.
    package static let genesis = AuditHash()

    /// Lower-case hex.
    package var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Reads 64 hex digits of either case; nil for anything else.
    package init?(hex: String) {
        let nibbles = hex.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard nibbles.count == hex.utf8.count, nibbles.count == 2 * SHA256.byteCount else { return nil }
        bytes = stride(from: 0, to: nibbles.count, by: 2).map { UInt8(nibbles[$0] << 4 | nibbles[$0 + 1]) }
    }
}

/// Feeds fields into a digest as netstrings: the length in decimal, `:`, the bytes, `,`; `-,` for NULL.
///
/// The lengths keep neighbours apart: "ab" then "c" and "a" then "bc" give different digests.
struct FieldHasher {
    private var hasher = SHA256()

    mutating func add(_ bytes: [UInt8]?) {
        guard let bytes else {
            hasher.update(data: Array("-,".utf8))
            return
        }
        hasher.update(data: Array("\(bytes.count):".utf8))
        hasher.update(data: bytes)
        hasher.update(data: Array(",".utf8))
    }

    mutating func add(_ text: String?) {
        add(text.map { Array($0.utf8) })
    }

    func finish() -> AuditHash {
        AuditHash(hasher.finalize())
    }
}
