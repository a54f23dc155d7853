import CygniDNS
import Testing

/// Whether a CA may issue.
struct CAATests {
    private func verdict(
        _ records: [(String, String)],
        critical: Set<String> = [],
        wildcard: Bool = false,
        account: String? = nil,
        method: String? = nil
    ) throws -> CAASet.Verdict {
        let set = CAASet(
            owner: try #require(DomainName("example.com")),
            records: records.map { .init(isCritical: critical.contains($0.0), tag: $0.0, value: Array($0.1.utf8)) }
        )
        return set.verdict(on: .init(issuers: ["ca.example"], isWildcard: wildcard, account: account, method: method))
    }

    @Test(arguments: [
        ([("issue", "ca.example")], false, CAASet.Verdict.permitted), ([("issue", " CA.Example ")], false, .permitted),
        ([("issue", "other.example")], false, .otherIssuers(["other.example"])),
        ([("issue", ";")], false, .nobody), ([("issue", "")], false, .nobody),
        ([("issue", ";"), ("issue", "ca.example")], false, .permitted),
        ([("iodef", "mailto:x@example.com")], false, .permitted),
        ([("issuewild", "other.example")], false, .permitted),
        ([("issuewild", "other.example"), ("issue", "ca.example")], true, .otherIssuers(["other.example"])),
        ([("issue", "ca.example")], true, .permitted), ([("issuewild", ";"), ("issue", "ca.example")], true, .nobody),
        ([("issue", "ca.example; policy")], false, .malformed("ca.example; policy")),
        ([("issue", "ca example")], false, .malformed("ca example")),
        ([("issue", "%%%%%")], false, .malformed("%%%%%")),
        ([("issue", "ca.example; a=b; ")], false, .permitted),
    ])
    func `issue and issuewild`(records: [(String, String)], wildcard: Bool, wanted: CAASet.Verdict) throws {
        #expect(try verdict(records, wildcard: wildcard) == wanted)
    }

    @Test func `an unknown critical tag forbids, an unknown one that is not critical says nothing`() throws {
        #expect(try verdict([("issue", "ca.example"), ("tbs", "x")], critical: ["tbs"]) == .unknownCritical("tbs"))
        #expect(try verdict([("issue", "ca.example"), ("tbs", "x")]) == .permitted)
        #expect(try verdict([("issue", "ca.example")], critical: ["issue"]) == .permitted)
    }

    @Test func `accounts and methods bind`() throws {
        let account = [("issue", "ca.example; accounturi=https://ca.example/acct/1")]
        #expect(try verdict(account, account: "https://ca.example/acct/1") == .permitted)
        #expect(
            try verdict(account, account: "https://ca.example/acct/2") == .otherAccount("https://ca.example/acct/1")
        )
        #expect(try verdict(account) == .permitted)
        let twice = [("issue", "ca.example; accounturi=a; accounturi=b")]
        #expect(try verdict(twice, account: "a") == .otherAccount("a"))
        let method = [("issue", "ca.example; validationmethods=dns-01,tls-alpn-01")]
        #expect(try verdict(method, method: "dns-01") == .permitted)
        #expect(try verdict(method, method: "http-01") == .otherMethods(["dns-01", "tls-alpn-01"]))
        let either = method + [("issue", "ca.example; validationmethods=http-01")]
        #expect(try verdict(either, method: "http-01") == .permitted)
    }
}
