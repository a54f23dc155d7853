/// Why one line of an input is not taken; it goes to the reject file with the line.
package struct RowFault: Error, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    /// A short excerpt of a value, for a person: control characters and what is not UTF-8 as dots.
    package static func excerpt(_ bytes: ByteView) -> String {
        let limit = 40
        let shown = bytes.part(0, Swift.min(bytes.count, limit)).text.unicodeScalars.map { scalar in
            scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0xFFFD
                ? "." : Character(scalar)
        }
        return "'\(String(shown))\(bytes.count > limit ? "…" : "")'"
    }
}
