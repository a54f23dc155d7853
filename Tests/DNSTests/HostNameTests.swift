import CygniDNS
import Testing

/// What a tenant may bring.
struct HostNameTests {
    @Test(arguments: [
        ("example.com", "example.com"), (" WWW.Example.COM. ", "www.example.com"),
        ("*.shop.example.com", "*.shop.example.com"),
        ("bücher.example.com", "xn--bcher-kva.example.com"), ("Straße.example.com", "xn--strae-oqa.example.com"),
        ("faß.de", "xn--fa-hia.de"), ("例え.jp", "xn--r8jz45g.jp"), ("a.github.io", "a.github.io"),
    ])
    func `a name is taken as it is registered`(text: String, name: String) throws {
        #expect(try HostName(text).description == name)
    }

    @Test(arguments: [
        ("", HostName.Fault.empty), (" . ", .empty), ("192.0.2.1", .address), ("2001:db8::1", .address),
        ("a.*.example.com", .star), ("*", .star), ("localhost", .singleLabel), ("co.uk", .publicSuffix("co.uk")),
        ("*.com.au", .publicSuffix("com.au")), ("com", .singleLabel), ("example.123", .address),
    ])
    func `what is none is told why`(text: String, fault: HostName.Fault) {
        #expect(throws: fault) { try HostName(text) }
    }

    @Test(arguments: [
        "a_b.example.com", "-a.example.com", "a-.example.com", "a b.example.com", "a..example.com",
        "a\u{0}.example.com",
        "a\n.example.com", "a/b.example.com", "\u{202E}moc.elpmaxe.com",
        String(repeating: "a", count: 64) + ".example.com", String(repeating: "ab.", count: 90) + "example.com",
    ])
    func `hostile names are refused`(text: String) {
        #expect(throws: HostName.Fault.self) { try HostName(text) }
    }

    @Test func `the registered part is right for names of every length, again and again`() throws {
        for length in 1...60 {
            let label = String(repeating: "a", count: length)
            let name = try #require(DomainName("www.\(label).\(label).example.co.uk"))
            for _ in 1...50 { #expect(HostName.registrable(of: name)?.description == "example.co.uk") }
        }
    }

    @Test func `what somebody registered is told from what is below it`() throws {
        #expect(try HostName("a.b.example.co.uk").registrable?.description == "example.co.uk")
        #expect(try HostName("example.co.uk").isApex)
        #expect(try !HostName("www.example.co.uk").isApex)
    }
}
