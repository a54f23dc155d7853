/// Reads a message without ever reading past it.
struct WireReader {
    /// What is wrong with a message.
    struct Fault: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    private let bytes: [UInt8]
    private(set) var position: Int
    private let end: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    private init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { position == end }
    var remaining: Int { end - position }

    mutating func uint8() throws(Fault) -> UInt8 {
        guard position < end else { throw Fault(description: "it ends too early") }
        position += 1
        return bytes[position - 1]
    }

    mutating func uint16() throws(Fault) -> UInt16 { try UInt16(uint8()) << 8 | UInt16(uint8()) }
    mutating func uint32() throws(Fault) -> UInt32 { try UInt32(uint16()) << 16 | UInt32(uint16()) }

    mutating func take(_ count: Int) throws(Fault) -> [UInt8] {
        guard count <= remaining else { throw Fault(description: "it ends too early") }
        position += count
        return Array(bytes[position - count..<position])
    }

    /// The next bytes as a message of their own, in which names may still point to what stands before them.
    mutating func part(_ count: Int) throws(Fault) -> WireReader {
        guard count <= remaining else { throw Fault(description: "a record is longer than the message") }
        position += count
        return WireReader(bytes, position - count..<position)
    }

    /// A name, which may end in a pointer to an earlier place (RFC 1035, 4.1.4).
    mutating func name() throws(Fault) -> DomainName {
        var labels: [[UInt8]] = []
        var length = 1
        var at = position
        var limit = end
        var hasJumped = false
        while true {
            guard at < limit else { throw Fault(description: "a name ends too early") }
            let count = Int(bytes[at])
            switch count {
            case 0:
                if !hasJumped { position = at + 1 }
                return DomainName(labels: labels) ?? .root
            case 1...63:
                guard at + 1 + count <= limit else { throw Fault(description: "a name ends too early") }
                length += count + 1
                guard length <= 255 else { throw Fault(description: "a name is longer than 255 bytes") }
                labels.append(Array(bytes[at + 1..<at + 1 + count]))
                at += count + 1
            case 0xC0...0xFF:
                guard at + 1 < limit else { throw Fault(description: "a name ends too early") }
                let target = (count & 0x3F) << 8 | Int(bytes[at + 1])
                if !hasJumped { position = at + 2 }
                // Only backwards, so that it ends.
                guard target < at else { throw Fault(description: "a name points forward") }
                (limit, at, hasJumped) = (at, target, true)
            default: throw Fault(description: "a label is of a kind that nobody knows")
            }
        }
    }
}
