import CygniDNS
import CygniModel
import CygniTestSupport
import Testing

/// The resolver against a real authoritative server.
struct ResolverTests {
    private func resolver(_ server: NameServer, _ zones: [String], deadline: Duration = .seconds(8)) throws -> Resolver
    {
        var settings = ResolverSettings()
        settings.asksLoopback = true
        settings.deadline = deadline
        settings.stubs = zones.map { .init($0, [server.address]) }
        return try Resolver(settings)
    }

    private func name(_ text: String) throws -> DomainName { try #require(DomainName(text)) }

    @Test func `records, aliases and both kinds of absence are told apart`() async throws {
        let server = try await NameServer([
            "shop.example": """
            www IN CNAME edge
            edge IN A 192.0.2.1
            edge IN AAAA 2001:db8::1
            _cygni-challenge IN TXT "abc" "def"
            @ IN CAA 128 issue "ca.example; accounturi=x"
            """
        ])
        let resolver = try resolver(server, ["shop.example"])
        guard case .present(let found, let aliases, .insecure) = try await resolver.find(name("www.shop.example"), .a)
        else {
            Issue.record("no address")
            return
        }
        #expect(found.map(\.data) == [.address([192, 0, 2, 1])])
        #expect(aliases.map(\.description) == ["edge.shop.example"])
        guard case .present(let texts, _, _) = try await resolver.find(name("_cygni-challenge.shop.example"), .txt)
        else {
            Issue.record("no text")
            return
        }
        #expect(texts.map(\.text) == ["abcdef"])
        guard case .present(let caa, _, _) = try await resolver.find(name("shop.example"), .caa) else {
            Issue.record("no CAA")
            return
        }
        #expect(
            caa.map(\.data) == [
                .caa(.init(isCritical: true, tag: "issue", value: Array("ca.example; accounturi=x".utf8)))
            ]
        )
        #expect(
            try await resolver.find(name("none.shop.example"), .a)
                == .absent(
                    nameExists: false,
                    aliases: [],
                    by: try negative("shop.example"),
                    .insecure
                )
        )
        #expect(
            try await resolver.find(name("edge.shop.example"), .txt)
                == .absent(
                    nameExists: true,
                    aliases: [],
                    by: try negative("shop.example"),
                    .insecure
                )
        )
    }

    @Test func `a server that says nothing is a timeout, one that refuses a failure; neither is absence`() async throws
    {
        let server = try await NameServer(["other.example": ""])
        let refused = try await resolver(server, ["refused.example"]).find(name("refused.example"), .a)
        guard case .unknown(.failed(let code)) = refused else {
            Issue.record("\(refused)")
            return
        }
        #expect(code == .serverFailure)
        var silent = ResolverSettings()
        silent.asksLoopback = true
        silent.deadline = .milliseconds(300)
        let port = try OneTimePort()
        silent.stubs = [.init("silent.example", ["127.0.0.1@\(port.number)"])]
        let found = try await Resolver(silent).find(name("silent.example"), .a)
        #expect(found == .unknown(.timeout) || found == .unknown(.failed(.serverFailure)))
    }

    @Test func `thousands at once are all answered, with a small window`() async throws {
        let count = 3000
        let server = try await NameServer([
            "many.example": (0..<count).map { "n\($0) IN TXT \"value \($0)\"" }.joined(separator: "\n")
        ])
        var settings = ResolverSettings()
        settings.asksLoopback = true
        settings.window = 64
        settings.stubs = [.init("many.example", [server.address])]
        let resolver = try Resolver(settings)
        let right = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<count {
                group.addTask {
                    guard let name = DomainName("n\(number).many.example"),
                        case .present(let records, _, _) = try await resolver.find(name, .txt)
                    else { return false }
                    return records.map(\.text) == ["value \(number)"]
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(right == count)
    }

    @Test func `a lookup that is cancelled ends at once`() async throws {
        var settings = ResolverSettings()
        settings.asksLoopback = true
        let port = try OneTimePort()
        settings.stubs = [.init("silent.example", ["127.0.0.1@\(port.number)"])]
        let resolver = try Resolver(settings)
        let asked = try name("a.silent.example")
        let task = Task { try await resolver.find(asked, .a) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func `a setting that the library refuses is named`() throws {
        var settings = ResolverSettings()
        settings.forwarders = ["nowhere"]
        let fault = #expect(throws: ResolverFault.self) { try Resolver(settings) }
        #expect(fault?.description.contains("forwarder 'nowhere'") == true)
    }
}
