import CertRenewal
import CygniACME
import CygniModel
import Testing

/// Names of certificates, and what a CA says.
@Suite struct NameTests {
    @Test func `hosts, wildcards and addresses`() {
        #expect(CertificateName("WWW.Example.com").identifier == ACMEIdentifier(type: "dns", value: "www.example.com"))
        #expect(CertificateName("*.example.com").identifier.value == "*.example.com")
        #expect(CertificateName("192.0.2.1").identifier == ACMEIdentifier(type: "ip", value: "192.0.2.1"))
        #expect(CertificateName("2001:0db8::1").identifier == ACMEIdentifier(type: "ip", value: "2001:db8::1"))
        #expect(CertificateName("a.b.shop.co.uk").registered == "shop.co.uk")
        #expect(CertificateName("me.github.io").registered == "me.github.io")
        #expect(CertificateName("192.0.2.1").registered == "192.0.2.1")
    }

    @Test(arguments: [
        "../x", "a..b", "-a.example", "a b.example", "a_b.example", "ex*mple.com", "", "a.example/x", "é.example",
    ])
    func `what is none`(_ text: String) {
        #expect(!CertificateName(text).isWellFormed)
    }

    @Test func `base64url`() {
        #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8")
        #expect(Base64URL.decode("-_8") == [0xFB, 0xFF] && Base64URL.decode("-_8=") == [0xFB, 0xFF])
        #expect(Base64URL.decode("not base64!") == nil)
    }

    @Test func `the thumbprint of a key is of its members in order`() throws {
        let key = AccountKey()
        let again = try AccountKey(rawRepresentation: key.rawRepresentation)
        #expect(key.thumbprint == again.thumbprint && key.thumbprint.utf8.count == 43)
        #expect(key.keyAuthorization("abc") == "abc.\(key.thumbprint)")
        #expect(key.jwk.text.hasPrefix(#"{"crv":"P-256","kty":"EC","x":""#))
    }
}
