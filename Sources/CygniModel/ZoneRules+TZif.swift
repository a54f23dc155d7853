extension ZoneRules {
    /// Why a file is no compiled time zone.
    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String

        package init(description: String) {
            self.description = description
        }
    }

    /// Reads a compiled time zone of version 2 or later, as `/usr/share/zoneinfo` has them (RFC 9636, section 3).
    package init(tzif bytes: [UInt8]) throws(Fault) {
        var reader = TZifReader(bytes: bytes)
        let old = try reader.header()
        guard old.version >= UInt8(ascii: "2") else {
            throw Fault(description: "it has version 1, without 64-bit times")
        }
        try reader.skip(old.dataSize(timeSize: 4))
        let header = try reader.header()
        let times = try (0..<header.times).map { _ throws(Fault) in try reader.integer(8) }
        let kinds = try (0..<header.times).map { _ throws(Fault) in Int(try reader.integer(1) & 0xFF) }
        let offsets = try (0..<header.types).map { _ throws(Fault) -> Int in
            let offset = Int(try reader.integer(4))
            try reader.skip(2)
            return offset
        }
        guard let first = offsets.first, kinds.allSatisfy({ $0 < offsets.count }),
            offsets.allSatisfy({ abs($0) < 26 * 3600 }), zip(times, times.dropFirst()).allSatisfy(<)
        else { throw Fault(description: "its times or its offsets are out of order") }
        try reader.skip(header.designations + header.leaps * 12 + header.standards + header.universals)
        var listed: [Transition] = []
        var before = first
        for (time, kind) in zip(times, kinds) {
            listed.append(Transition(at: time, before: before, after: offsets[kind]))
            before = offsets[kind]
        }
        self.init(first: first, listed: listed, rule: try reader.footer())
    }
}

private struct TZifReader {
    struct Header {
        var version: UInt8
        var universals, standards, leaps, times, types, designations: Int

        func dataSize(timeSize: Int) -> Int {
            times * (timeSize + 1) + types * 6 + designations + leaps * (timeSize + 4) + standards + universals
        }
    }

    let bytes: [UInt8]
    var index = 0

    mutating func header() throws(ZoneRules.Fault) -> Header {
        guard bytes.count >= index + 44, Array(bytes[index..<index + 4]) == Array("TZif".utf8) else {
            throw ZoneRules.Fault(description: "it does not begin as a compiled time zone does")
        }
        let version = bytes[index + 4]
        index += 20
        var counts: [Int] = []
        for _ in 0..<6 { counts.append(Int(try integer(4))) }
        guard counts.allSatisfy({ (0...100_000).contains($0) }) else {
            throw ZoneRules.Fault(description: "its counts cannot be right")
        }
        return Header(
            version: version,
            universals: counts[0],
            standards: counts[1],
            leaps: counts[2],
            times: counts[3],
            types: counts[4],
            designations: counts[5]
        )
    }

    /// A signed big-endian integer.
    mutating func integer(_ size: Int) throws(ZoneRules.Fault) -> Int64 {
        try need(size)
        var value: Int64 = bytes[index] & 0x80 == 0 ? 0 : -1
        for byte in bytes[index..<index + size] { value = value << 8 | Int64(byte) }
        index += size
        return value
    }

    mutating func skip(_ count: Int) throws(ZoneRules.Fault) {
        try need(count)
        index += count
    }

    /// The rule for all later years, between two line breaks; nil where there is none.
    mutating func footer() throws(ZoneRules.Fault) -> YearlyZoneRule? {
        guard index < bytes.count, bytes[index] == 10, let end = bytes[(index + 1)...].firstIndex(of: 10) else {
            throw ZoneRules.Fault(description: "it has no footer")
        }
        let text = String(decoding: bytes[(index + 1)..<end], as: UTF8.self)
        return text.isEmpty ? nil : try YearlyZoneRule(parsing: text)
    }

    private func need(_ count: Int) throws(ZoneRules.Fault) {
        guard bytes.count - index >= count else { throw ZoneRules.Fault(description: "it is cut off") }
    }
}
