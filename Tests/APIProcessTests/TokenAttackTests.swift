import Crypto
import CygniAccess
import CygniModel
import CygniTestSupport
import Foundation
import Testing

/// Tokens that are not ours, or no longer (RFC 8725).
@Suite struct TokenAttackTests {
    private func part(_ json: String) -> String { Base64URL.encode(Array(json.utf8)) }

    private func claims(_ server: ServedAPI, _ change: (inout [String: Any]) -> Void = { _ in }) async throws -> String
    {
        let now = Int(Date().timeIntervalSince1970)
        var claims: [String: Any] = [
            "iss": ServedAPI.issuer, "aud": ServedAPI.issuer, "sub": "user:eve", "client_id": "cygni", "iat": now,
            "nbf": now, "exp": now + 600, "jti": "x", "tenant": try await server.text("md5('acme')::uuid"),
            "role": "owner",
        ]
        change(&claims)
        return String(decoding: try JSONSerialization.data(withJSONObject: claims), as: UTF8.self)
    }

    /// Signed with the server's own key, whatever header and claims.
    private func signed(_ server: ServedAPI, _ header: String, _ claims: String) throws -> String {
        let key = try P256.Signing.PrivateKey(pemRepresentation: server.folder.read("key.pem"))
        let text = "\(part(header)).\(part(claims))"
        return "\(text).\(Base64URL.encode(try key.signature(for: Data(text.utf8)).rawRepresentation))"
    }

    private let good = #"{"alg":"ES256","typ":"at+jwt","kid":"k1"}"#

    private func expectRefusal(_ server: ServedAPI, _ token: String, _ reason: String, _ name: String) async throws {
        let answer = try await server.get("/v2/deployments", token: token)
        #expect(answer.status == 401 && answer.problem == "unauthenticated", "\(name): \(answer)")
        #expect(!answer.text.contains("token \(reason)"), "the caller learns why: \(answer)")
        let id = try #require(answer.header("X-Request-Id"))
        try await server.process.output(contains: id, timeLimit: .seconds(5))
        let line = server.process.errorText.split(separator: "\n").last { $0.contains(id) } ?? ""
        #expect(line.contains("\"reason\":\"token \(reason)\""), "\(name): \(line)")
    }

    @Test func theGoodOnePasses() async throws {
        try await withServer { server in
            let token = try signed(server, good, try await claims(server))
            #expect(try await server.get("/v2/deployments", token: token).status == 200)
        }
    }

    @Test func headersThatChooseForUs() async throws {
        try await withServer { server in
            let claims = try await claims(server)
            let unsigned = "\(part(#"{"alg":"none","typ":"at+jwt","kid":"k1"}"#)).\(part(claims))."
            try await expectRefusal(server, unsigned, "algorithm", "alg none")
            let mixed = "\(part(#"{"alg":"NoNe","typ":"at+jwt","kid":"k1"}"#)).\(part(claims))."
            try await expectRefusal(server, mixed, "algorithm", "alg NoNe")
            // The public key as an HMAC secret.
            let pem = try P256.Signing.PrivateKey(pemRepresentation: server.folder.read("key.pem")).publicKey
                .pemRepresentation
            let text = "\(part(#"{"alg":"HS256","typ":"at+jwt","kid":"k1"}"#)).\(part(claims))"
            let code = HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: Data(pem.utf8)))
            try await expectRefusal(server, "\(text).\(Base64URL.encode(Array(code)))", "algorithm", "HS256 confusion")
            let other = #"{"alg":"ES256","typ":"JWT","kid":"k1"}"#
            try await expectRefusal(server, try signed(server, other, claims), "type", "another kind of token")
            for kid in [#""k2""#, #""../../dev/null""#, #""' UNION SELECT 'x""#, "7", "null", #""""#] {
                let header = #"{"alg":"ES256","typ":"at+jwt","kid":\#(kid)}"#
                let reason = kid == "7" ? "malformed" : "unknownKey"
                try await expectRefusal(server, try signed(server, header, claims), reason, "kid \(kid)")
            }
            let none = #"{"alg":"ES256","typ":"at+jwt"}"#
            try await expectRefusal(server, try signed(server, none, claims), "unknownKey", "no kid")
            let critical = #"{"alg":"ES256","typ":"at+jwt","kid":"k1","crit":["b64"],"b64":false}"#
            try await expectRefusal(server, try signed(server, critical, claims), "unknownKey", "crit")
        }
    }

    @Test func keysThatAreNotOurs() async throws {
        try await withServer { server in
            let claims = try await claims(server)
            let key = P256.Signing.PrivateKey()
            let text = "\(part(good)).\(part(claims))"
            let foreign = "\(text).\(Base64URL.encode(try key.signature(for: Data(text.utf8)).rawRepresentation))"
            try await expectRefusal(server, foreign, "signature", "another key")
            // One that brings its own key.
            let point = Array(key.publicKey.rawRepresentation)
            let jwk =
                #"{"kty":"EC","crv":"P-256","x":"\#(Base64URL.encode(point.prefix(32)))","y":"\#(Base64URL.encode(point.suffix(32)))"}"#
            let bringing = "\(part(#"{"alg":"ES256","typ":"at+jwt","kid":"k1","jwk":\#(jwk)}"#)).\(part(claims))"
            let brought =
                "\(bringing).\(Base64URL.encode(try key.signature(for: Data(bringing.utf8)).rawRepresentation))"
            try await expectRefusal(server, brought, "signature", "jwk in the header")
            let zero = "\(text).\(Base64URL.encode([UInt8](repeating: 0, count: 64)))"
            try await expectRefusal(server, zero, "signature", "r = s = 0 (CVE-2022-21449)")
            let cut = try signed(server, good, claims).split(separator: ".").dropLast().joined(separator: ".")
            try await expectRefusal(server, cut + ".", "malformed", "no signature")
            let changed = try signed(server, good, claims).split(separator: ".")
            let richer = try await self.claims(server) { $0["tenant"] = "00000000-0000-4000-8000-000000000000" }
            try await expectRefusal(server, "\(changed[0]).\(part(richer)).\(changed[2])", "signature", "other claims")
        }
    }

    @Test func claimsThatDoNotHold() async throws {
        try await withServer { server in
            let now = Int(Date().timeIntervalSince1970)
            let cases: [(String, String, (inout [String: Any]) -> Void)] = [
                ("expired", "expired", { $0["exp"] = now - 1 }),
                ("no end", "malformed", { $0["exp"] = nil }),
                ("not yet", "notYet", { $0["nbf"] = now + 600 }),
                ("from the future", "notYet", { $0["iat"] = now + 600 }),
                ("another audience", "audience", { $0["aud"] = "https://elsewhere.test" }),
                ("another issuer", "issuer", { $0["iss"] = "https://elsewhere.test" }),
                ("no tenant's form", "tenant", { $0["tenant"] = "acme' OR true" }),
            ]
            for (name, reason, change) in cases {
                let token = try signed(server, good, try await claims(server, change))
                try await expectRefusal(server, token, reason, name)
            }
            // One whose time runs out is refused although its signature is remembered.
            let end = Date(timeIntervalSinceNow: 8)
            let brief = try signed(
                server,
                good,
                try await claims(server) { $0["exp"] = Int(end.timeIntervalSince1970) }
            )
            #expect(try await server.get("/v2/deployments", token: brief).status == 200)
            try await Task.sleep(for: .seconds(end.timeIntervalSinceNow + 1))
            try await expectRefusal(server, brief, "expired", "expired since")
        }
    }

    @Test func textsThatAreNoTokens() async throws {
        try await withServer { server in
            for text in ["x", "a.b", "a.b.c.d", "..", String(repeating: "a", count: 5000), "é.é.é"] {
                let answer = try await server.get("/v2/deployments", token: text)
                #expect(answer.status == 401, "\(text.prefix(10)): \(answer)")
            }
            let basic = try await server.ask("GET", "/v2/deployments", headers: [("Authorization", "Basic YTpi")])
            #expect(basic.status == 401)
        }
    }
}
