import CygniModel
import Foundation
import Testing

/// How bytes, ids and JSON are written.
@Suite struct WritingTests {
    /// Foundation, with the two other characters and without padding, is the measure.
    @Test func base64URL() {
        for count in 0..<70 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255) }
            let plain = Data(bytes).base64EncodedString()
            let text = plain.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
            #expect(Base64URL.encode(bytes) == text)
            #expect(Base64URL.encode(bytes.lazy.map { $0 }) == text)
            #expect(Base64URL.decode(exactly: text) == bytes)
            #expect(Base64URL.decode(exactly: text.dropFirst(0)) == bytes)
            // What some CAs hand out.
            #expect(Base64URL.decode(plain) == bytes && Base64URL.decode(text) == bytes)
        }
    }

    /// The last character's spare bits must be zero (RFC 4648, 3.5), and there is no padding.
    @Test(arguments: ["AB", "AAB", "AA==", "A", "AAAAA", "A A", "A+AA", "A/AA", "AA\n", "ÄAA", "A\u{0}AA", "===="])
    func base64URLHasOneSpelling(text: String) {
        #expect(Base64URL.decode(exactly: text) == nil)
    }

    @Test(arguments: ["A", "A A", "AA=A", "A*AA", "\u{e9}AAA"])
    func whatIsNoBase64(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test func idsAndDigests() throws {
        for _ in 0..<50 {
            let id = UUID()
            #expect(id.text == id.uuidString.lowercased())
        }
        #expect([0, 1, 15, 16, 159, 255].hex == "00010f109fff" && [UInt8]().hex.isEmpty)
    }

    /// The two ways to write a text of JSON are one, and what is written says the same.
    @Test(arguments: [
        "", "plain", "\"\\/", "a\u{0}b\u{1f}\u{7f}", "\u{80}\u{9f}\u{a0}", "\u{2028}\u{2029}\u{2027}",
        "e\u{301}\"\u{301}",
        "\u{1f468}\u{200d}\u{1f469}", "line\r\nline\ttab",
    ])
    func textOfJSON(text: String) throws {
        var bytes: [UInt8] = []
        Array(text.utf8).withUnsafeBufferPointer { JSONValue.write($0, to: &bytes) }
        #expect(bytes == JSONValue.string(text).utf8)
        let read = try JSONDecoder().decode([String].self, from: Data("[".utf8 + bytes + "]".utf8))
        #expect(read.map { Array($0.utf8) } == [Array(text.utf8)])
        #expect(String(decoding: bytes, as: UTF8.self).unicodeScalars.allSatisfy { !$0.mustBeEscaped })
    }
}
