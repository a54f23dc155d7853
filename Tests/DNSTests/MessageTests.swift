import CygniDNS
import CygniTestSupport
import Testing

/// Names and messages, as they come from strangers.
struct MessageTests {
    @Test(arguments: [
        ("example.com", "example.com"), ("EXAMPLE.com.", "example.com"), (".", "."), ("a\\.b.c", "a\\.b.c"),
        ("\\065.x", "a.x"), ("x\\000.y", "x\\000.y"), ("_cygni-challenge.a", "_cygni-challenge.a"),
    ])
    func `a name is read and written`(text: String, written: String) throws {
        let name = try #require(DomainName(text))
        #expect(name.description == written)
        #expect(DomainName(name.description) == name)
    }

    @Test(arguments: [
        "", "a..b", "..", ".a", String(repeating: "a", count: 64), "a\\", "a\\25", "a\\256",
        Array(repeating: String(repeating: "a", count: 63), count: 4).joined(separator: "."),
    ])
    func `what is no name is none`(text: String) {
        #expect(DomainName(text) == nil)
    }

    /// An answer to `www.Example.com TXT` with an alias, in the bytes of RFC 1035, 4.
    private static let sample: [UInt8] =
        [0x12, 0x34, 0x84, 0x00, 0, 1, 0, 2, 0, 0, 0, 0]
        + [3] + Array("www".utf8) + [7] + Array("Example".utf8) + [3] + Array("com".utf8) + [0, 0, 16, 0, 1]
        // www CNAME a.example.com, the latter part of the name by a pointer.
        + [0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4, 1, 0x61, 0xC0, 16]
        + [0xC0, 45, 0, 16, 0, 1, 0, 0, 0, 30, 0, 8, 3, 0x61, 0x62, 0x63, 3, 0x64, 0x65, 0x66]

    @Test func `an answer with an alias is read`() throws {
        let message = try Message(parsing: Self.sample)
        #expect(message.id == 0x1234 && message.isAuthoritative && message.code == .noError)
        #expect(message.question?.name.description == "www.example.com")
        #expect(message.answers.count == 2)
        #expect(message.answers[1].name.description == "a.example.com")
        #expect(message.answers[1].text == "abcdef")
    }

    @Test func `a message cut off anywhere is a fault, never a crash`() {
        for length in 0..<Self.sample.count {
            #expect(throws: Message.Garbled.self) { try Message(parsing: Array(Self.sample.prefix(length))) }
        }
    }

    @Test func `names that point forward, in circles, or make too much of little are faults`() {
        for target in [12, 33, 200] as [UInt8] {
            var bytes = Self.sample
            bytes.replaceSubrange(33..<35, with: [0xC0, target])
            if target == 12 { continue }
            #expect(throws: Message.Garbled.self) { try Message(parsing: bytes) }
        }
    }

    @Test func `a million bytes at random end in a message or a fault`() {
        var random = Seeded(state: 6)
        for _ in 0..<20_000 {
            var bytes = Self.sample
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            _ = try? Message(parsing: bytes)
        }
    }

    @Test func `a query is answered by its own answer only`() throws {
        let name = try #require(DomainName("www.example.com"))
        let query = Query(Message.Question(name, .txt), id: 0x1234, capitals: 0b1000)
        #expect(query.isAnswered(by: Self.sample))
        var other = query
        other.id = 1
        #expect(!other.isAnswered(by: Self.sample))
        other = query
        other.capitals = 0
        #expect(!other.isAnswered(by: Self.sample))
        other = Query(Message.Question(name, .a), id: 0x1234, capitals: 0b1000)
        #expect(!other.isAnswered(by: Self.sample))
        #expect(!query.isAnswered(by: query.wire))
    }
}
