import CygniDNS
import CygniModel
import CygniTestSupport
import Testing

/// Single servers, asked without a resolver between.
struct DirectTests {
    private func client(_ wait: Duration = .seconds(2)) throws -> DirectClient {
        var limits = DirectClient.Limits()
        limits.wait = wait
        return try DirectClient(limits)
    }

    private func name(_ text: String) throws -> DomainName { try #require(DomainName(text)) }

    @Test func `one server's own answer, its authority, and what it refuses`() async throws {
        let server = try await NameServer(["shop.example": "www IN A 192.0.2.1"])
        let address = try #require(ServerAddress(server.address))
        let client = try client()
        guard case .message(let message, _, false) = try await client.ask(address, name("www.shop.example"), .a) else {
            Issue.record("no answer")
            return
        }
        #expect(message.isAuthoritative && message.answers.map(\.data) == [.address([192, 0, 2, 1])])
        guard case .message(let absent, _, _) = try await client.ask(address, name("no.shop.example"), .a) else {
            Issue.record("no answer")
            return
        }
        #expect(absent.code == .nameError && absent.negative?.seconds == 30)
        guard case .message(let refused, _, _) = try await client.ask(address, name("elsewhere.example"), .a) else {
            Issue.record("no answer")
            return
        }
        #expect(refused.code == .refused)
    }

    @Test func `an answer too long for UDP comes over TCP`() async throws {
        let strings = (0..<40).map { "t IN TXT \"\($0) \(String(repeating: "x", count: 200))\"" }.joined(
            separator: "\n"
        )
        let server = try await NameServer(["long.example": strings])
        let answer = try await client().ask(try #require(ServerAddress(server.address)), name("t.long.example"), .txt)
        guard case .message(let message, _, true) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(message.answers.count == 40)
    }

    @Test func `a silent server is a timeout, a closed port is unreachable`() async throws {
        let port = try OneTimePort()
        let closed = try await client().ask(
            try #require(ServerAddress("127.0.0.1@\(port.number)")),
            name("a.example"),
            .a
        )
        guard case .unreachable = closed else {
            Issue.record("\(closed)")
            return
        }
        // TEST-NET-1: a packet to it leads nowhere, or the network says so.
        let silent = try await client(.milliseconds(100)).ask(
            try #require(ServerAddress("192.0.2.1")),
            name("a.example"),
            .a
        )
        if case .message = silent { Issue.record("\(silent)") }
    }
}
