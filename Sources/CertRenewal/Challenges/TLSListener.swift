import Crypto
import CygniACME
import CygniDNS
import CygniModel
import CygniTLS
import FoundationEssentials
import Glibc
import SwiftASN1
import X509

/// tls-alpn-01 answered by the run itself (RFC 8737).
final class TLSListener: ChallengeResponder {
    private let server: ACMETLSServer
    private let stop: Int32

    /// - Throws: ``ChallengeFault`` when the address can't be listened at.
    init(_ address: ServerAddress) throws {
        let listener = try ListeningSocket(address)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ChallengeFault("failed to start: \(String(cString: strerror(errno)))") }
        let server = try ACMETLSServer()
        self.server = server
        stop = ends[1]
        try ListeningThread.start(listener, wake: ends[0]) { TLSConversation($0, server) }
    }

    deinit { close(stop) }

    func present(_ task: ChallengeTask) async throws {
        let key = P256.Signing.PrivateKey()
        server.answer(
            Self.serverName(task.name),
            certificate: try Self.certificate(task, Certificate.PrivateKey(key)),
            key: Array(key.derRepresentation)
        )
    }

    func withdraw(_ task: ChallengeTask) async throws { server.forget(Self.serverName(task.name)) }

    /// What the CA sends as SNI: for an address, its name below `in-addr.arpa` or `ip6.arpa` (RFC 8738, section 6).
    static func serverName(_ name: CertificateName) -> String {
        guard case .address(let bytes) = name else { return name.identifier.value }
        if bytes.count == 4 { return bytes.reversed().map(String.init).joined(separator: ".") + ".in-addr.arpa" }
        let digits = [bytes].joined().hex.reversed().map(String.init)
        return digits.joined(separator: ".") + ".ip6.arpa"
    }

    /// Self-signed, for the name alone, with the hash of the key authorization in a critical extension (RFC 8737, section 3).
    private static func certificate(_ task: ChallengeTask, _ key: Certificate.PrivateKey) throws -> [UInt8] {
        let hash = Array(SHA256.hash(data: Array(task.keyAuthorization.utf8)))
        var value = DER.Serializer()
        try value.serialize(ASN1OctetString(contentBytes: hash[...]))
        // id-pe-acmeIdentifier
        let identifier: ASN1ObjectIdentifier = [1, 3, 6, 1, 5, 5, 7, 1, 31]
        let subject = try DistinguishedName { CommonName("ACME challenge") }
        let now = Date()
        let certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: key.publicKey,
            notValidBefore: now - 3600,
            notValidAfter: now + 86_400,
            issuer: subject,
            subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                SubjectAlternativeNames([task.name.generalName])
                Certificate.Extension(oid: identifier, critical: true, value: value.serializedBytes[...])
            },
            issuerPrivateKey: key
        )
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return serializer.serializedBytes
    }
}

/// One client in the middle of its handshake.
struct TLSConversation: ListeningConversation {
    let descriptor: Int32
    private let client: ACMETLSClient?

    init(_ descriptor: Int32, _ server: ACMETLSServer) {
        self.descriptor = descriptor
        client = ACMETLSClient(server, descriptor)
    }

    mutating func goOn() -> Bool { client?.step() ?? false }
}
