/// The CAA records that count for a name (RFC 8659): those of the name itself or of the nearest name above that has any.
package struct CAASet: Hashable, Sendable {
    /// Where they stand.
    package var owner: DomainName
    package var records: [Record.CAA]

    package init(owner: DomainName, records: [Record.CAA]) {
        self.owner = owner
        self.records = records
    }

    /// Who asks for a certificate, and how the name would be validated.
    package struct Request: Hashable, Sendable {
        /// What the CA recognises as itself, `letsencrypt.org`.
        package var issuers: Set<String>
        package var isWildcard: Bool
        /// The ACME account's URL, once there is one (RFC 8657, 3).
        package var account: String?
        /// `http-01`, `dns-01`, `tls-alpn-01` (RFC 8657, 4); nil: not decided yet.
        package var method: String?

        package init(issuers: Set<String>, isWildcard: Bool, account: String? = nil, method: String? = nil) {
            self.issuers = Set(issuers.map { $0.lowercased() })
            self.isWildcard = isWildcard
            self.account = account
            self.method = method
        }
    }

    package enum Verdict: Hashable, Sendable {
        case permitted
        /// No record names this CA.
        case otherIssuers([String])
        /// Nobody may issue.
        case nobody
        /// A critical record of a kind that a CA need not know.
        case unknownCritical(String)
        /// A record names the CA, for another account.
        case otherAccount(String)
        /// A record names the CA, for other ways of validation.
        case otherMethods([String])
        /// A record that cannot be read as RFC 8659, 4.2 has it.
        case malformed(String)
    }

    /// Tags that a CA knows (IANA, "CAA Property Tags"): what they say beside the first two binds nobody here.
    private static let known: Set = [
        "issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone",
    ]

    package func verdict(on request: Request) -> Verdict {
        if let record = records.first(where: { $0.isCritical && !Self.known.contains($0.tag) }) {
            return .unknownCritical(record.tag)
        }
        let wild = records.filter { $0.tag == "issuewild" }
        let relevant = request.isWildcard && !wild.isEmpty ? wild : records.filter { $0.tag == "issue" }
        guard !relevant.isEmpty else { return .permitted }
        var refusals: [Verdict] = []
        var others: [String] = []
        for record in relevant {
            guard let value = CAAValue(record.value) else {
                refusals.append(.malformed(String(decoding: record.value, as: UTF8.self)))
                continue
            }
            guard let issuer = value.issuer else { continue }
            guard request.issuers.contains(issuer) else {
                others.append(issuer)
                continue
            }
            switch value.refusal(of: request) {
            case nil: return .permitted
            case let refusal?: refusals.append(refusal)
            }
        }
        return refusals.first ?? (others.isEmpty ? .nobody : .otherIssuers(others.sorted()))
    }
}

/// The value of an `issue` or `issuewild` record (RFC 8659, 4.2).
struct CAAValue: Hashable, Sendable {
    /// nil: nobody.
    var issuer: String?
    /// Tags in lower case, in their order.
    var parameters: [(tag: String, value: String)] = []

    init?(_ bytes: [UInt8]) {
        guard bytes.allSatisfy({ $0 == 0x09 || (0x20...0x7E).contains($0) }) else { return nil }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: ";", omittingEmptySubsequences: false)
            .map(Self.trimmed)
        let name = parts[0].lowercased()
        if !name.isEmpty {
            guard name.unicodeScalars.allSatisfy(Self.isOfName), DomainName(name) != nil else { return nil }
            issuer = name
        }
        for part in parts.dropFirst() where !part.isEmpty {
            guard let equals = part.firstIndex(of: "=") else { return nil }
            let tag = Self.trimmed(part[..<equals]).lowercased()
            let value = Self.trimmed(part[part.index(after: equals)...])
            guard !tag.isEmpty, tag.unicodeScalars.allSatisfy(Self.isOfTag), !value.contains(" "), !value.contains("\t")
            else { return nil }
            parameters.append((tag, value))
        }
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = text.drop(while: isBlank)
        return String(start.reversed().drop(while: isBlank).reversed())
    }

    private static func isOfTag(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "-"
    }

    private static func isOfName(_ scalar: Unicode.Scalar) -> Bool { isOfTag(scalar) || scalar == "." }

    /// Why a request of the CA that it names is refused all the same (RFC 8657).
    func refusal(of request: CAASet.Request) -> CAASet.Verdict? {
        let accounts = parameters.filter { $0.tag == "accounturi" }.map(\.value)
        if let account = accounts.first {
            // More than one can never be met (RFC 8657, 3).
            guard accounts.count == 1, request.account == nil || request.account == account else {
                return .otherAccount(account)
            }
        }
        let methods = parameters.filter { $0.tag == "validationmethods" }.flatMap {
            $0.value.split(separator: ",").map(String.init)
        }
        if !methods.isEmpty, let method = request.method, !methods.contains(method) { return .otherMethods(methods) }
        return nil
    }

    static func == (left: CAAValue, right: CAAValue) -> Bool {
        left.issuer == right.issuer && left.parameters.elementsEqual(right.parameters, by: ==)
    }

    func hash(into hasher: inout Hasher) { hasher.combine(issuer) }
}
