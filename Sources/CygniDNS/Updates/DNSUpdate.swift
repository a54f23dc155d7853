import CygniModel

/// A change of a zone that its primary server makes as a whole or not at all (RFC 2136, section 2).
package struct DNSUpdate: Sendable {
    /// What must hold, or nothing is changed.
    package enum Prerequisite: Sendable {
        /// The name owns a TXT record of this text and no other (section 2.4.2). If not: NXRRSET.
        case onlyText(DomainName, String)
        /// The name owns no record; what a wildcard would answer does not count (section 2.4.5). If not: YXDOMAIN.
        case unused(DomainName)
    }

    package enum Change: Sendable {
        case addText(DomainName, String, ttl: Int)
        /// This TXT record and no other of the set (section 2.5.4).
        case removeText(DomainName, String)
        /// All records of a name (section 2.5.3).
        case removeAll(DomainName)
    }

    package var prerequisites: [Prerequisite]
    package var changes: [Change]

    package init(prerequisites: [Prerequisite] = [], changes: [Change] = []) {
        self.prerequisites = prerequisites
        self.changes = changes
    }

    func bytes(zone: DomainName, id: UInt16, key: TransactionKey?, at now: Timestamp) -> [UInt8] {
        let body = zone.wire + two(6) + two(1) + prerequisites.flatMap(record) + changes.flatMap(record)
        func header(additional: UInt16) -> [UInt8] {
            // Opcode 5, one zone.
            two(id) + two(0x2800) + two(1) + two(UInt16(prerequisites.count)) + two(UInt16(changes.count))
                + two(additional)
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

    private enum Class {
        static let internet: UInt16 = 1
        static let none: UInt16 = 254
        static let any: UInt16 = 255
    }

    private static let txt: UInt16 = 16
    private static let anyType: UInt16 = 255

    private func record(_ prerequisite: Prerequisite) -> [UInt8] {
        switch prerequisite {
        case .onlyText(let name, let text): record(name, Self.txt, Class.internet, 0, strings(text))
        case .unused(let name): record(name, Self.anyType, Class.none, 0, [])
        }
    }

    private func record(_ change: Change) -> [UInt8] {
        switch change {
        case .addText(let name, let text, let ttl):
            record(name, Self.txt, Class.internet, UInt32(clamping: ttl), strings(text))
        case .removeText(let name, let text): record(name, Self.txt, Class.none, 0, strings(text))
        case .removeAll(let name): record(name, Self.anyType, Class.any, 0, [])
        }
    }

    private func record(_ name: DomainName, _ type: UInt16, _ class: UInt16, _ ttl: UInt32, _ data: [UInt8]) -> [UInt8]
    {
        name.wire + two(type) + two(`class`) + four(ttl) + two(UInt16(data.count)) + data
    }

    /// Character strings of 255 bytes at most (RFC 1035, section 3.3).
    private func strings(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty else { return [0] }
        return stride(from: 0, to: bytes.count, by: 255).flatMap { start in
            let part = bytes[start..<min(start + 255, bytes.count)]
            return [UInt8(part.count)] + part
        }
    }

    private func two(_ value: UInt16) -> [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }
    private func four(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }
}
