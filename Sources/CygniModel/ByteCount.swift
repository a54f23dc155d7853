/// A size in bytes, written `512B`, `64KiB`, `5GB`.
///
/// Powers of 1,000 are kB (or KB), MB, GB, TB; powers of 1,024 are KiB, MiB, GiB, TiB (IEC 80000-13).
package struct ByteCount: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var bytes: Int64

    package init(_ bytes: Int64) {
        self.bytes = bytes
    }

    private static let units: [(suffix: String, factor: Int64)] = [
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
        ("kB", 1000), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
        ("B", 1),
    ]

    /// Reads a whole number with a unit; a bare number, a sign, a fraction or an overflow is refused with nil.
    package init?(parsing text: String) {
        guard let unit = Self.units.first(where: { text.hasSuffix($0.suffix) }),
            let number = wholeNumber(text.dropLast(unit.suffix.count))
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit.factor)
        guard !overflow else { return nil }
        bytes = product
    }

    package static func < (left: ByteCount, right: ByteCount) -> Bool {
        left.bytes < right.bytes
    }

    /// The shortest exact spelling: `64KiB`, `5GB`, `1500B`.
    package var description: String {
        for unit in Self.units.sorted(by: { $0.factor > $1.factor }) where unit.suffix != "KB" {
            if bytes != 0, bytes % unit.factor == 0 { return "\(bytes / unit.factor)\(unit.suffix)" }
        }
        return "\(bytes)B"
    }

    /// For a person, in powers of 1,000 and one decimal place: `512 B`, `12.5 MB`.
    package var rounded: String {
        guard
            let unit = Self.units.filter({ $0.suffix.count == 2 && $0.suffix != "KB" }).last(where: {
                $0.factor <= bytes
            })
        else { return "\(bytes) B" }
        let tenths = bytes / (unit.factor / 10)
        return "\(tenths / 10).\(tenths % 10) \(unit.suffix)"
    }
}

/// Digits only: no sign, no spaces, no separators.
func wholeNumber(_ text: some StringProtocol) -> Int64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return Int64(text)
}
