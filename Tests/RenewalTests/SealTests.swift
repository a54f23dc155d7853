import CygniConfig
import CygniModel
import CygniSecrets
import Foundation
import Testing

/// Envelope encryption: what is sealed opens in its own place, with its own key, unchanged, and nowhere else.
@Suite struct SealTests {
    private let place = SealPlace(table: "cygni.certificate_keys", row: "row-1", column: "sealed")
    private static let keys = ["k1", "k2"].map { name in
        (name, Secret(Data((0..<32).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()))
    }

    private func ring(_ names: [String], current: String?) throws -> KeyRing {
        let keys = Self.keys.filter { names.contains($0.0) }
        return try KeyRing(SealingSettings(keys: Dictionary(keys) { first, _ in first }, current: current))
    }

    @Test func `opens in its place alone`() throws {
        let ring = try ring(["k1"], current: "k1")
        let sealed = try ring.seal(Array("a secret".utf8), at: place)
        #expect(try ring.open(sealed, at: place) == Array("a secret".utf8))
        for other in [
            SealPlace(table: "cygni.acme_accounts", row: "row-1", column: "sealed"),
            SealPlace(table: "cygni.certificate_keys", row: "row-2", column: "sealed"),
            SealPlace(table: "cygni.certificate_keys", row: "row-1", column: "other"),
        ] {
            #expect(throws: SealError.notAuthentic("k1", other)) { try ring.open(sealed, at: other) }
        }
    }

    @Test func `any changed byte is an error`() throws {
        let ring = try ring(["k1"], current: "k1")
        let sealed = try ring.seal([1, 2, 3], at: place)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: SealError.self) { try ring.open(changed, at: place) }
            #expect(throws: SealError.self) { try ring.open(Array(sealed[..<index]), at: place) }
        }
    }

    @Test func `another key-encryption key around the same data`() throws {
        let old = try ring(["k1"], current: "k1")
        let sealed = try old.seal([7], at: place)
        let both = try ring(["k1", "k2"], current: "k2")
        let wrapped = try #require(try both.rewrap(sealed, at: place))
        #expect(try both.rewrap(wrapped, at: place) == nil)
        #expect(try ring(["k2"], current: "k2").open(wrapped, at: place) == [7])
        #expect(throws: SealError.unknownKey("k2", place)) { try old.open(wrapped, at: place) }
        #expect(try KeyRing.version(of: wrapped, at: place) == "k2")
        // The value itself was not sealed anew.
        #expect(sealed.suffix(29) == wrapped.suffix(29))
    }

    @Test func `says what is missing`() throws {
        #expect(throws: SealError.noKey) { try KeyRing(SealingSettings(keys: [:], current: nil)).seal([1], at: place) }
        #expect(throws: SealError.badKey("short")) {
            try KeyRing(SealingSettings(keys: ["short": Secret("AAAA")], current: "short"))
        }
        #expect(throws: SealError.malformed(place)) { try ring(["k1"], current: "k1").open([1, 2, 3], at: place) }
    }
}
