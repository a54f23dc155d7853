import Glibc

/// Reads a floating-point number: decimal digits, a fraction, an exponent, or NaN and the infinities by name.
package enum FloatText {
    /// Nil for anything else, and for a number beyond the range of a double.
    package static func parse(_ text: ByteView) -> Double? {
        var cursor = TextCursor(text)
        let isNegative = cursor.take(byte("-"))
        if !isNegative { _ = cursor.take(byte("+")) }
        guard let first = cursor.peek else { return nil }
        if first.isLetter { return named(text.part(cursor.at, text.count), isNegative) }
        var mantissa: UInt64 = 0
        var digits = 0
        var exponent = 0
        var isExact = true
        func add(_ digit: UInt8) {
            digits += 1
            if mantissa > 99_999_999_999_999_999 {
                isExact = false
            } else {
                mantissa = mantissa * 10 + UInt64(digit & 15)
            }
        }
        while let digit = cursor.takeDigit() { add(digit) }
        if cursor.take(byte(".")) {
            while let digit = cursor.takeDigit() {
                add(digit)
                exponent -= 1
            }
        }
        guard digits > 0 else { return nil }
        if cursor.take(byte("e")) || cursor.take(byte("E")) {
            let sign = cursor.take(byte("-")) ? -1 : 1
            if sign > 0 { _ = cursor.take(byte("+")) }
            guard let written = cursor.number(atMost: 6) else { return nil }
            exponent += sign * written
        }
        guard cursor.isAtEnd else { return nil }
        // Both factors are exact as doubles then, so one rounding gives the nearest double (Clinger, 1990).
        if isExact, mantissa <= 1 << 53, abs(exponent) <= 22 {
            let size = exponent < 0 ? Double(mantissa) / powers[-exponent] : Double(mantissa) * powers[exponent]
            return isNegative ? -size : size
        }
        guard let value = Double(text.text), value.isFinite else { return nil }
        return value
    }

    private static func named(_ name: ByteView, _ isNegative: Bool) -> Double? {
        if name.spellsIgnoringCase("nan") { return .nan }
        guard name.spellsIgnoringCase("inf") || name.spellsIgnoringCase("infinity") else { return nil }
        return isNegative ? -.infinity : .infinity
    }

    private static let powers = (0...22).map { Double("1e\($0)") ?? 1 }
}
