extension Duration {
    private static let textUnits: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// Reads `250ms`, `90s`, `15m`, `36h`, `30d`: one whole number and one unit, as the configuration writes it.
    ///
    /// A bare number, a sign, a fraction or an overflow is refused with nil. A day is 24 hours.
    package init?(parsing text: String) {
        guard let unit = Self.textUnits.first(where: { text.hasSuffix($0.suffix) }),
            let number = wholeNumber(text.dropLast(unit.suffix.count))
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit.milliseconds)
        guard !overflow else { return nil }
        self = .milliseconds(product)
    }

    /// The shortest exact spelling in the configuration's form: `90s`, `15m`, `36h`, `30d`.
    package var text: String {
        let milliseconds = microseconds / 1000
        guard milliseconds != 0 else { return "0s" }
        for unit in Self.textUnits.reversed() where milliseconds % unit.milliseconds == 0 {
            return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
        }
        return "\(milliseconds)ms"
    }
}
