/// An answer as it came (RFC 1035, 4).
package struct Message: Hashable, Sendable {
    package var id: UInt16
    package var isResponse: Bool
    package var isAuthoritative: Bool
    package var isTruncated: Bool
    package var code: ResponseCode
    package var question: Question?
    package var answers: [Record] = []
    package var authority: [Record] = []
    package var additional: [Record] = []

    package struct Question: Hashable, Sendable {
        package var name: DomainName
        package var type: RecordType

        package init(_ name: DomainName, _ type: RecordType) {
            self.name = name
            self.type = type
        }
    }

    /// What cannot be read as a message.
    package struct Garbled: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// - Throws: ``Garbled``.
    package init(parsing bytes: [UInt8]) throws {
        do {
            try self.init(reading: bytes)
        } catch {
            throw Garbled(description: "the answer is garbled: \(error)")
        }
    }

    private init(reading bytes: [UInt8]) throws(WireReader.Fault) {
        var reader = WireReader(bytes)
        id = try reader.uint16()
        let flags = try reader.uint16()
        isResponse = flags & 0x8000 != 0
        isAuthoritative = flags & 0x0400 != 0
        isTruncated = flags & 0x0200 != 0
        code = ResponseCode(rawValue: UInt8(flags & 0x000F))
        let counts = [try reader.uint16(), try reader.uint16(), try reader.uint16(), try reader.uint16()]
        guard counts[0] <= 1 else { throw WireReader.Fault(description: "it has \(counts[0]) questions") }
        if counts[0] == 1 {
            question = Question(try reader.name(), RecordType(rawValue: try reader.uint16()))
            _ = try reader.uint16()
        }
        // A truncated message may end in the middle of a section.
        do {
            answers = try Self.records(counts[1], &reader)
            authority = try Self.records(counts[2], &reader)
            additional = try Self.records(counts[3], &reader)
        } catch {
            guard isTruncated else { throw error }
        }
    }

    private static func records(_ count: UInt16, _ reader: inout WireReader) throws(WireReader.Fault) -> [Record] {
        var records: [Record] = []
        for _ in 0..<count { records.append(try Record.read(&reader)) }
        return records
    }

    /// Who says that something is not there, and for how long that may be remembered (RFC 2308).
    package struct Negative: Hashable, Sendable {
        package var zone: DomainName
        package var seconds: UInt32
        /// The zone's primary server and mailbox.
        package var authority: [DomainName]

        package init(zone: DomainName, seconds: UInt32, authority: [DomainName] = []) {
            self.zone = zone
            self.seconds = seconds
            self.authority = authority
        }
    }

    /// The start of authority that an answer without data carries.
    package var negative: Negative? {
        for record in authority {
            guard case .authority(let soa) = record.data else { continue }
            // A resolver that remembers no absence says 0 of its record.
            let seconds = record.ttl == 0 ? soa.minimum : min(record.ttl, soa.minimum)
            return Negative(zone: record.name, seconds: seconds, authority: [soa.primary, soa.mailbox])
        }
        return nil
    }
}

/// A question as it is sent to one server.
package struct Query: Hashable, Sendable {
    package var id: UInt16
    package var question: Message.Question
    /// Whether each letter of the name is capital, so that a forged answer has more to guess (draft-vixie-dnsext-dns0x20); a
    /// server echoes it.
    package var capitals: UInt64
    package var wantsRecursion = false

    package init(_ question: Message.Question, id: UInt16, capitals: UInt64) {
        self.question = question
        self.id = id
        self.capitals = capitals
    }

    /// Bytes that an answer over UDP may have (DNS flag day 2020).
    static let payload: UInt16 = 1232

    /// The name as it is sent, letters as ``capitals`` says.
    package var wireName: [UInt8] {
        var bit = 0
        return question.name.labels.flatMap { label in
            [UInt8(label.count)]
                + label.map { byte -> UInt8 in
                    guard (0x61...0x7A).contains(byte) else { return byte }
                    defer { bit = (bit + 1) % 64 }
                    return capitals >> UInt64(bit) & 1 == 1 ? byte & ~0x20 : byte
                }
        } + [0]
    }

    /// With EDNS(0) (RFC 6891).
    package var wire: [UInt8] {
        func two(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }
        let flags: UInt16 = wantsRecursion ? 0x0100 : 0
        return two(id) + two(flags) + two(1) + two(0) + two(0) + two(1) + wireName + two(question.type.rawValue)
            + two(1)
            + [0] + two(RecordType.opt.rawValue) + two(Self.payload) + [0, 0, 0, 0, 0, 0]
    }

    /// Whether a message answers this query and no other: its id, and its question letter by letter.
    package func isAnswered(by bytes: [UInt8]) -> Bool {
        let name = wireName
        guard bytes.count >= 12 + name.count + 4, bytes[2] & 0x80 != 0 else { return false }
        let id = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        let end = 12 + name.count
        let type = UInt16(bytes[end]) << 8 | UInt16(bytes[end + 1])
        return id == self.id && bytes[4] == 0 && bytes[5] == 1 && bytes[12..<end].elementsEqual(name)
            && type == question.type.rawValue && bytes[end + 2] == 0 && bytes[end + 3] == 1
    }
}
