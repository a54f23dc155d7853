import CygniIntake

/// Samples as JSON lines: `{"ts": "2026-11-22T03:17:00Z", "metric": "cpu_percent", "value": 12.5}`.
struct JSONSamples: RecordParser {
    private var encoder: SampleEncoder
    private let arena = Arena()

    init(_ encoder: SampleEncoder) {
        self.encoder = encoder
    }

    mutating func take(_ record: ByteView, into batch: inout CopyBatch) throws(RowFault) {
        arena.reset()
        var scanner = JSONScanner(record)
        var sample = Sample()
        try scanner.openObject()
        while let member = try scanner.nextMember() {
            guard let key = SampleKey(arena.unescaped(member.key)) else { continue }
            switch member.kind {
            case .string: sample[key] = arena.unescaped(member.content)
            case .number: sample[key] = member.value
            case .literal where member.value.spells("null"): sample[key] = nil
            case .literal, .array, .object: throw RowFault("\(key): neither a text nor a number")
            }
        }
        try encoder.add(sample, to: &batch)
    }
}
