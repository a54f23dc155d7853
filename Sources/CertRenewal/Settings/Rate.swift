import CygniConfig
import CygniModel

/// So many in a time: `300 per 3h`.
package struct Rate: Hashable, Sendable {
    package let count: Int
    package let per: Duration

    package init(_ count: Int, per: Duration) { (self.count, self.per) = (count, per) }

    package init?(parsing text: String) {
        let words = text.split(separator: " ")
        guard words.count == 3, words[1] == "per", let count = Int(words[0]), (1...1_000_000_000).contains(count),
            let per = Duration(parsing: String(words[2])), per > .zero
        else { return nil }
        self.init(count, per: per)
    }

    package var text: String { "\(count) per \(per.text)" }
}

extension ValueKind where Value == Rate {
    static var rate: ValueKind {
        parsed("a rate such as '300 per 3h'", placeholder: Rate(1, per: .seconds(1)), spell: \.text) {
            Rate(parsing: $0)
        }
    }
}
