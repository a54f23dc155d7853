package import CygniModel

extension ValueKind where Value == Duration {
    /// A duration with its unit: `250ms`, `90s`, `15m`, `36h`, `30d`.
    package static func duration(_ range: ClosedRange<Duration>) -> ValueKind {
        let phrase =
            "a duration from \(range.lowerBound.text) to \(range.upperBound.text), such as 90s, 15m, 36h or 30d"
        let schema = ConfigValue.members(["type": .string("string"), "pattern": .string("^[0-9]+(ms|s|m|h|d)$")])
        return scalar(phrase, schema: schema, placeholder: range.lowerBound, spell: { .string($0.text) }) { text, _ in
            guard let duration = Duration(parsing: text) else { return .refused }
            return range.contains(duration) ? .value(duration) : .refused
        }
    }
}

extension ValueKind where Value == ByteCount {
    /// A size with its unit: `512B`, `64KiB`, `5GB`.
    package static func size(_ range: ClosedRange<ByteCount>) -> ValueKind {
        let phrase = "a size from \(range.lowerBound) to \(range.upperBound), such as 64KiB, 16MiB or 5GB"
        let pattern = "^[0-9]+(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$"
        let schema = ConfigValue.members(["type": .string("string"), "pattern": .string(pattern)])
        return scalar(phrase, schema: schema, placeholder: range.lowerBound, spell: { .string($0.description) }) {
            text,
            _ in
            guard let size = ByteCount(parsing: text) else { return .refused }
            return range.contains(size) ? .value(size) : .refused
        }
    }
}
