/// A resource record.
package struct Record: Hashable, Sendable {
    package var name: DomainName
    package var type: RecordType
    /// Seconds.
    package var ttl: UInt32
    package var data: Data

    package enum Data: Hashable, Sendable {
        /// Four bytes, or sixteen.
        case address([UInt8])
        /// Of NS, CNAME, DNAME.
        case name(DomainName)
        /// Its strings as they stand; what they say together is ``Record/text``.
        case text([[UInt8]])
        case authority(Authority)
        case caa(CAA)
        case other([UInt8])
    }

    /// Of an SOA record.
    package struct Authority: Hashable, Sendable {
        package var primary: DomainName
        package var mailbox: DomainName
        package var serial: UInt32
        /// For how many seconds absence may be remembered (RFC 2308, 4), together with the record's own TTL.
        package var minimum: UInt32
    }

    /// RFC 8659, 4.1.
    package struct CAA: Hashable, Sendable {
        package var isCritical: Bool
        /// Lower case.
        package var tag: String
        package var value: [UInt8]

        package init(isCritical: Bool, tag: String, value: [UInt8]) {
            self.isCritical = isCritical
            self.tag = tag
            self.value = value
        }
    }

    package init(name: DomainName, type: RecordType, ttl: UInt32, data: Data) {
        self.name = name
        self.type = type
        self.ttl = ttl
        self.data = data
    }

    /// The strings of a TXT record, joined, as far as they are text; nil for another type.
    package var text: String? {
        guard case .text(let strings) = data else { return nil }
        return String(decoding: strings.joined(), as: UTF8.self)
    }
}

extension Record {
    /// Reads one record, and its data where the type is known; data that does not fit its type is a fault.
    static func read(_ reader: inout WireReader) throws(WireReader.Fault) -> Record {
        let name = try reader.name()
        let type = RecordType(rawValue: try reader.uint16())
        _ = try reader.uint16()
        let ttl = try reader.uint32()
        var part = try reader.part(Int(reader.uint16()))
        let data = try Data.read(type, &part)
        guard part.isAtEnd else {
            throw WireReader.Fault(description: "a record of type \(type) is longer than its data")
        }
        // The highest bit must be zero; one who sets it means zero (RFC 2181, 8).
        return Record(name: name, type: type, ttl: ttl > 0x7FFF_FFFF ? 0 : ttl, data: data)
    }
}

extension Record.Data {
    fileprivate static func read(_ type: RecordType, _ part: inout WireReader) throws(WireReader.Fault) -> Record.Data {
        switch type {
        case .a, .aaaa:
            let bytes = try part.take(part.remaining)
            guard bytes.count == (type == .a ? 4 : 16) else {
                throw WireReader.Fault(description: "an address has \(bytes.count) bytes")
            }
            return .address(bytes)
        case .ns, .cname, .dname: return .name(try part.name())
        case .txt:
            var strings: [[UInt8]] = []
            while !part.isAtEnd { strings.append(try part.take(Int(part.uint8()))) }
            return .text(strings)
        case .soa:
            let (primary, mailbox) = (try part.name(), try part.name())
            let serial = try part.uint32()
            _ = try part.take(12)
            return .authority(.init(primary: primary, mailbox: mailbox, serial: serial, minimum: try part.uint32()))
        case .caa:
            let flags = try part.uint8()
            let tag = try part.take(Int(part.uint8()))
            guard !tag.isEmpty else { throw WireReader.Fault(description: "a CAA record has no tag") }
            let value = try part.take(part.remaining)
            return .caa(
                .init(
                    isCritical: flags & 0x80 != 0,
                    tag: String(decoding: tag, as: UTF8.self).lowercased(),
                    value: value
                )
            )
        default: return .other(try part.take(part.remaining))
        }
    }
}
