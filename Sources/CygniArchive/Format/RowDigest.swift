import COpenSSL

/// A digest of a multiset of rows: the sum of their SHA-256, modulo 2^256.
///
/// The order of the rows and how they are spread over frames and objects do not matter, and digests of parts add up to the
/// digest of the whole. It tells apart what accidents do; that nobody forged rows is for the object's SHA-256 to tell.
package struct RowDigest: Hashable, Sendable {
    /// Least significant first.
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    package init() {}

    /// Adds a row: its JSON text without the newline.
    package mutating func add(row: UnsafeRawBufferPointer) {
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { digest in
            cygni_sha256(row.baseAddress, row.count, digest.bindMemory(to: UInt8.self).baseAddress)
            let bytes = UnsafeRawBufferPointer(digest)
            add((load(bytes, 0), load(bytes, 8), load(bytes, 16), load(bytes, 24)))
        }
    }

    /// Adds the rows of another multiset.
    package mutating func add(_ other: RowDigest) {
        add(other.words)
    }

    /// Takes the rows of a part away.
    package mutating func subtract(_ other: RowDigest) {
        // Two's complement: minus is plus of the inverse and one.
        let words = other.words
        add((~words.0, ~words.1, ~words.2, ~words.3))
        add((1, 0, 0, 0))
    }

    private func load(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    private mutating func add(_ other: (UInt64, UInt64, UInt64, UInt64)) {
        var carry: UInt64 = 0
        func sum(_ left: UInt64, _ right: UInt64) -> UInt64 {
            let (first, overflow) = left.addingReportingOverflow(right)
            let (second, more) = first.addingReportingOverflow(carry)
            carry = (overflow ? 1 : 0) + (more ? 1 : 0)
            return second
        }
        words = (
            sum(words.0, other.0), sum(words.1, other.1), sum(words.2, other.2), sum(words.3, other.3)
        )
    }

    /// 64 hexadecimal digits.
    package var hex: String {
        [words.3, words.2, words.1, words.0].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    package init?(hex: String) {
        guard hex.utf8.count == 64 else { return nil }
        let words = stride(from: 0, to: 64, by: 16).compactMap { UInt64(hex.dropFirst($0).prefix(16), radix: 16) }
        guard words.count == 4 else { return nil }
        self.words = (words[3], words[2], words[1], words[0])
    }

    package static func == (left: RowDigest, right: RowDigest) -> Bool {
        left.words == right.words
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
    }
}
