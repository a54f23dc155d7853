import CygniArchive
import CygniModel
import Testing

struct RowDigestTests {
    private func digest(_ rows: [String]) -> RowDigest {
        var digest = RowDigest()
        for row in rows { Array(row.utf8).withUnsafeBytes { digest.add(row: $0) } }
        return digest
    }

    @Test func `order does not matter, multiplicity does`() {
        #expect(digest(["a", "b", "c"]) == digest(["c", "a", "b"]))
        #expect(digest(["a", "a", "b"]) != digest(["a", "b"]))
        #expect(digest(["a", "b"]) != digest(["ab"]))
        #expect(digest([]).hex == String(repeating: "0", count: 64))
    }

    /// One row's digest is its SHA-256, bytes in reverse as the sum is little-endian.
    @Test func `one row is its SHA-256`() {
        let bytes = stride(from: 0, to: 64, by: 2).map { String(digest(["abc"]).hex.dropFirst($0).prefix(2)) }
        #expect(
            bytes.reversed().joined() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
    }

    @Test func `parts add up, and can be taken away`() {
        var sum = digest(["a", "b"])
        sum.add(digest(["c", "d"]))
        #expect(sum == digest(["a", "b", "c", "d"]))
        sum.subtract(digest(["a", "c"]))
        #expect(sum == digest(["b", "d"]))
        sum.subtract(sum)
        #expect(sum == RowDigest())
    }

    @Test func `carries reach the last word`() throws {
        let most = try #require(RowDigest(hex: String(repeating: "f", count: 64)))
        var sum = most
        var one = RowDigest()
        one.subtract(most)
        sum.add(one)
        #expect(sum == RowDigest())
        #expect(RowDigest(hex: most.hex) == most)
        #expect(RowDigest(hex: "f") == nil)
    }
}
