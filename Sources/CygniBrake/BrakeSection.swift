package import CygniConfig

/// When a run stops and asks, by how much it would take.
package struct BrakeSection: ConfigSection {
    package var percent: Int
    package var atMost: Int
    package var atLeast: Int
    package var partial: Bool

    package init(reading reader: inout ConfigReader) {
        percent = reader.value(
            "percent",
            .integer(1...100),
            default: 40,
            "Where more than this share of all there is would go. 100: never."
        )
        atMost = reader.value("at_most", .integer(1...1_000_000), default: 500, "Where more than so many would go.")
        atLeast = reader.value(
            "at_least",
            .integer(0...1_000_000),
            default: 10,
            "Fewer never stop a run by their share."
        )
        partial = reader.value(
            "partial",
            .boolean,
            default: true,
            "Whether a run stops when not everybody it asks tells all. If not, it goes on with what is known."
        )
    }

    /// Why so many must be approved; empty: they need not be.
    ///
    /// - Parameters:
    ///   - total: how many there are.
    ///   - what: what they are called, `live previews`.
    package func reasons(going: Int, of total: Int, _ what: String) -> [String] {
        var reasons: [String] = []
        if going > atMost { reasons.append("\(going) would go, more than \(atMost)") }
        if percent < 100, going >= max(1, atLeast), going * 100 > total * percent {
            reasons.append("\(going) of \(total) \(what) would go, more than \(percent) %")
        }
        return reasons
    }

    /// - Parameter faults: what was not told.
    package func reasons(faults: [String]) -> [String] {
        guard partial, let first = faults.first else { return [] }
        return ["not all is known: \(first)" + (faults.count > 1 ? " (and \(faults.count - 1) more)" : "")]
    }
}
