/// The digits a migration's file name begins with: a counter (`0007`) or a time (`20261122031700`).
///
/// Compared as numbers of any length, so `7` and `0007` are the same version and `10` comes after `9`.
package struct MigrationVersion: Sendable {
    /// As the file name has it.
    package let text: String
    private let digits: Substring

    /// - Parameter text: decimal digits, at least one; anything else is refused with nil.
    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        self.text = text
        digits = text.drop { $0 == "0" }
    }

    /// The next version in a folder that counts: one more, in as many digits.
    package var successor: String {
        var result: [UInt8] = []
        var carries = true
        for digit in text.utf8.reversed() {
            let next = carries ? digit + 1 : digit
            carries = next > 0x39
            result.append(carries ? 0x30 : next)
        }
        if carries { result.append(0x31) }
        return String(decoding: result.reversed(), as: UTF8.self)
    }
}

extension MigrationVersion: Hashable, Comparable {
    package static func == (left: Self, right: Self) -> Bool {
        left.digits == right.digits
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.digits.count == right.digits.count ? left.digits < right.digits : left.digits.count < right.digits.count
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(digits)
    }
}

extension MigrationVersion: CustomStringConvertible {
    package var description: String { text }
}
