import CygniDNS
import CygniTestSupport
import Testing

/// A server whose answers somebody races with forged ones.
struct SpoofTests {
    /// Sends three forgeries (another id, another name, letters not as they were asked) in front of its answer, which says "right".
    private static let server = """
        socket, struct = __import__("socket"), __import__("struct")
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", 0))
        print(s.getsockname()[1], flush=True)
        def answer(query, text, id=None, name=None):
            end = 12
            while query[end]: end += query[end] + 1
            question = query[12:end + 5]
            if name: question = name + question[len(question) - 4:]
            data = bytes([len(text)]) + text
            head = struct.pack(">HHHHHH", struct.unpack(">H", query[:2])[0] if id is None else id, 0x8400, 1, 1, 0, 0)
            return head + question + b"\\xc0\\x0c" + struct.pack(">HHIH", 16, 1, 60, len(data)) + data
        while True:
            query, client = s.recvfrom(4096)
            id = struct.unpack(">H", query[:2])[0]
            end = 12
            while query[end]: end += query[end] + 1
            swapped = bytes(b ^ 0x20 if chr(b).isalpha() else b for b in query[12:end + 1])
            s.sendto(answer(query, b"forged", id=(id + 1) % 65536), client)
            s.sendto(answer(query, b"forged", name=b"\\x05other\\x07example\\x00"), client)
            s.sendto(answer(query, b"forged", name=swapped), client)
            s.sendto(answer(query, b"right"), client)
        """

    @Test func `forged answers are passed over, the right one counts`() async throws {
        let child = try ChildProcess(path: "/usr/bin/python3", arguments: ["-c", Self.server])
        defer { child.signal(15) }
        try await child.output(contains: "\n")
        let port = child.outputText.prefix { $0.isNumber }
        let address = try #require(ServerAddress("127.0.0.1@\(port)"))
        let name = try #require(DomainName("_cygni-challenge.www.shop.example"))
        let client = try DirectClient()
        for _ in 1...20 {
            guard case .message(let message, _, _) = try await client.ask(address, name, .txt) else {
                Issue.record("no answer")
                return
            }
            #expect(message.answers.map(\.text) == ["right"])
        }
        var settings = ResolverSettings()
        settings.asksLoopback = true
        settings.stubs = [.init("shop.example", ["\(address)"])]
        settings.deadline = .seconds(3)
        // libunbound judges ids and names by itself: whatever it makes of the race, it is never the forgery.
        if case .present(let records, _, _) = try await Resolver(settings).find(name, .txt) {
            #expect(records.map(\.text) == ["right"])
        }
    }
}
