import Crypto
import CygniDNS
import CygniModel
import FoundationEssentials

/// A key that updates are signed with (RFC 8945).
struct TransactionKey: Sendable {
    let name: DomainName
    /// `hmac-sha256` and longer ones.
    let algorithm: String
    let key: SymmetricKey

    init?(name: String, algorithm: String, secret: Secret) {
        let text = secret.reveal().filter { !$0.isWhitespace }
        guard let name = DomainName(name), let bytes = Data(base64Encoded: text), !bytes.isEmpty else { return nil }
        self.name = name
        self.algorithm = algorithm
        key = SymmetricKey(data: bytes)
    }

    func mac(_ bytes: [UInt8]) -> [UInt8] {
        switch algorithm {
        case "hmac-sha384": Array(HMAC<SHA384>.authenticationCode(for: bytes, using: key))
        case "hmac-sha512": Array(HMAC<SHA512>.authenticationCode(for: bytes, using: key))
        default: Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
        }
    }
}

/// A change of one TXT record, as a name server takes it (RFC 2136, section 2).
enum DNSUpdateMessage {
    enum Change { case add(ttl: Int), remove }

    static func bytes(
        _ change: Change,
        _ name: DomainName,
        _ text: String,
        zone: DomainName,
        id: UInt16,
        key: TransactionKey?,
        at now: Timestamp
    ) -> [UInt8] {
        let value = Array(text.utf8)
        let data = [UInt8(value.count)] + value
        var body = zone.wire + two(6) + two(1)
        switch change {
        case .add(let ttl): body += name.wire + two(16) + two(1) + four(UInt32(clamping: ttl))
        // Class NONE: this record and no other of the set (section 2.5.4).
        case .remove: body += name.wire + two(16) + two(254) + four(0)
        }
        body += two(UInt16(data.count)) + data
        func header(additional: UInt16) -> [UInt8] {
            // Opcode 5, one zone, one update.
            two(id) + two(0x2800) + two(1) + two(0) + two(1) + two(additional)
        }
        guard let key else { return header(additional: 0) + body }
        let algorithm = (DomainName(key.algorithm) ?? key.name).wire
        let time = Array(withUnsafeBytes(of: UInt64(now.microseconds / 1_000_000).bigEndian, Array.init).suffix(6))
        let fudge = two(300)
        let variables = key.name.wire + two(255) + four(0) + algorithm + time + fudge + two(0) + two(0)
        let mac = key.mac(header(additional: 0) + body + variables)
        let signature = algorithm + time + fudge + two(UInt16(mac.count)) + mac + two(id) + two(0) + two(0)
        return header(additional: 1) + body + key.name.wire + two(250) + two(255) + four(0)
            + two(UInt16(signature.count)) + signature
    }

    private static func two(_ value: UInt16) -> [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }
    private static func four(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }
}
