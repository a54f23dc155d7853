package import CygniModel

/// What a certificate is for: a name or an address (RFC 8555, section 9.7.7; RFC 8738).
package struct ACMEIdentifier: Hashable, Sendable, Codable {
    package let type: String
    package let value: String

    package init(type: String, value: String) { (self.type, self.value) = (type, value) }

    package var json: JSONValue { .object([("type", .string(type)), ("value", .string(value))]) }
}

/// What a CA offers (RFC 8555, section 7.1.1).
package struct ACMEDirectory: Sendable, Decodable {
    package let newNonce: String
    package let newAccount: String
    package let newOrder: String
    package let revokeCert: String?
    package let keyChange: String?
    /// RFC 9773.
    package let renewalInfo: String?
    package let meta: Meta?

    package struct Meta: Sendable, Decodable {
        package let termsOfService: String?
        package let externalAccountRequired: Bool?
        package let caaIdentities: [String]?
        /// By name, what each is for.
        package let profiles: [String: String]?
    }
}

/// RFC 8555, section 7.1.3.
package struct ACMEOrder: Sendable, Decodable {
    package enum Status: String, Sendable, Decodable { case pending, ready, processing, valid, invalid }

    package let status: Status
    package let authorizations: [String]
    package let finalize: String
    package let certificate: String?
    package let replaces: String?
    let error: ACMEProblem.Document?

    package var problem: ACMEProblem? {
        error.map { ACMEProblem($0) }
    }
}

/// RFC 8555, section 7.1.4.
package struct ACMEAuthorization: Sendable, Decodable {
    package enum Status: String, Sendable, Decodable { case pending, valid, invalid, deactivated, expired, revoked }

    package let status: Status
    package let identifier: ACMEIdentifier
    package let wildcard: Bool?
    package let challenges: [ACMEChallenge]

    /// As a certificate has it.
    package var name: String { (wildcard == true ? "*." : "") + identifier.value }

    /// Why a validation failed.
    package var problem: ACMEProblem? { challenges.lazy.compactMap(\.problem).first }
}

/// RFC 8555, section 8.
package struct ACMEChallenge: Sendable, Decodable {
    package enum Kind: String, Sendable, CaseIterable {
        case http = "http-01"
        case dns = "dns-01"
        case tlsALPN = "tls-alpn-01"
    }

    package let type: String
    package let url: String
    package let token: String?
    package let status: String
    let error: ACMEProblem.Document?

    package var kind: Kind? { Kind(rawValue: type) }
    package var problem: ACMEProblem? { error.map { ACMEProblem($0) } }

    /// A token is base64url and nothing else (section 8.1); one that is not may be a path.
    package var safeToken: String? {
        guard let token, (16...256).contains(token.utf8.count),
            token.utf8.allSatisfy({ Self.alphabet.contains($0) })
        else { return nil }
        return token
    }

    private static let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
}
