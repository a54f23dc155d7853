/// Prometheus' text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
enum PrometheusText {
    struct Sample: Hashable, Sendable {
        /// `http_requests_total{code="200",method="post"}`: labels in the order of their names, as one series must have one name.
        var series: [UInt8]
        var value: Double
        /// Milliseconds since 1970.
        var time: Int64?
    }

    struct Fault: Error, Hashable, Sendable {
        let rule: String
    }

    /// - Returns: nil for a comment or an empty line.
    static func read(_ line: UnsafeRawBufferPointer) throws(Fault) -> Sample? {
        var reader = Reader(line)
        reader.skipBlanks()
        guard let first = reader.peek, first != UInt8(ascii: "#") else { return nil }
        var series = try name(&reader, what: "a metric's name", hasColons: true)
        reader.skipBlanks()
        if reader.take(UInt8(ascii: "{")) { series += try labels(&reader) }
        reader.skipBlanks()
        guard let value = number(reader.word()) else {
            throw Fault(rule: "must have a number behind the name: 1, 2.5e3, NaN, +Inf or -Inf")
        }
        reader.skipBlanks()
        var time: Int64?
        if reader.peek != nil {
            guard let milliseconds = Int64(reader.word()), abs(milliseconds) < 1 << 50 else {
                throw Fault(rule: "must have nothing behind the value but a time in milliseconds since 1970")
            }
            time = milliseconds
        }
        reader.skipBlanks()
        guard reader.peek == nil else { throw Fault(rule: "must end behind the time") }
        return Sample(series: series, value: value, time: time)
    }

    private static func name(_ reader: inout Reader, what: String, hasColons: Bool) throws(Fault) -> [UInt8] {
        var name: [UInt8] = []
        while let byte = reader.peek {
            switch byte {
            case 65...90, 97...122, UInt8(ascii: "_"): break
            case 48...57 where !name.isEmpty: break
            case UInt8(ascii: ":") where hasColons: break
            default:
                guard !name.isEmpty else { throw Fault(rule: "must have \(what) of letters, digits and _") }
                return name
            }
            name.append(byte)
            reader.skip()
        }
        guard !name.isEmpty else { throw Fault(rule: "must have \(what) of letters, digits and _") }
        return name
    }

    /// Behind the brace; as they are kept.
    private static func labels(_ reader: inout Reader) throws(Fault) -> [UInt8] {
        var found: [(name: [UInt8], value: [UInt8])] = []
        while true {
            reader.skipBlanks()
            if reader.take(UInt8(ascii: "}")) { break }
            let name = try name(&reader, what: "a label's name", hasColons: false)
            guard !found.contains(where: { $0.name == name }) else { throw Fault(rule: "must not have a label twice") }
            reader.skipBlanks()
            guard reader.take(UInt8(ascii: "=")) else { throw Fault(rule: "must have = behind a label's name") }
            reader.skipBlanks()
            guard reader.take(UInt8(ascii: "\"")) else { throw Fault(rule: "must have a label's value in quotes") }
            found.append((name, try quoted(&reader)))
            guard found.count <= 64 else { throw Fault(rule: "must have 64 labels at most") }
            reader.skipBlanks()
            if reader.take(UInt8(ascii: ",")) { continue }
            guard reader.take(UInt8(ascii: "}")) else { throw Fault(rule: "must have , or } behind a label") }
            break
        }
        // An empty label is as good as none.
        let kept = found.filter { !$0.value.isEmpty }.sorted { $0.name.lexicographicallyPrecedes($1.name) }
        guard !kept.isEmpty else { return [] }
        let texts = kept.map { $0.name + Array("=\"".utf8) + $0.value + [UInt8(ascii: "\"")] }
        return [UInt8(ascii: "{")] + Array(texts.joined(separator: [UInt8(ascii: ",")])) + [UInt8(ascii: "}")]
    }

    /// Up to the closing quote, escapes as they stand.
    private static func quoted(_ reader: inout Reader) throws(Fault) -> [UInt8] {
        var value: [UInt8] = []
        while let byte = reader.peek {
            reader.skip()
            if byte == UInt8(ascii: "\"") { return value }
            value.append(byte)
            guard byte == UInt8(ascii: "\\") else { continue }
            guard let escaped = reader.peek, Array("\\\"n".utf8).contains(escaped) else {
                throw Fault(rule: "must have no escapes in a label's value but \\\\, \\\" and \\n")
            }
            value.append(escaped)
            reader.skip()
        }
        throw Fault(rule: "must close the quotes of a label's value")
    }

    /// As Go's ParseFloat reads it, hexadecimal and underscores aside.
    private static func number(_ word: String) -> Double? {
        switch word.lowercased() {
        case "nan": return .nan
        case "+inf", "inf", "+infinity", "infinity": return .infinity
        case "-inf", "-infinity": return -.infinity
        default:
            guard !word.isEmpty, word.utf8.count <= 100,
                word.utf8.allSatisfy({ (48...57).contains($0) || "+-.eE".utf8.contains($0) })
            else { return nil }
            // A finite number that no double can hold is a mistake, unlike Inf.
            return Double(word).flatMap { $0.isFinite ? $0 : nil }
        }
    }

    private struct Reader {
        private let bytes: UnsafeRawBufferPointer
        private var index = 0

        init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

        var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

        mutating func skip() { index += 1 }

        mutating func skipBlanks() {
            while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0d { index += 1 }
        }

        mutating func take(_ byte: UInt8) -> Bool {
            guard peek == byte else { return false }
            index += 1
            return true
        }

        /// Up to the next blank.
        mutating func word() -> String {
            let start = index
            while let byte = peek, byte != 0x20, byte != 0x09, byte != 0x0d { index += 1 }
            return String(decoding: bytes[start..<index], as: UTF8.self)
        }
    }
}
