/// A comment `-- lint:ignore CODE[, CODE]: reason`.
struct LintIgnore: Equatable {
    var line: Int
    var codes: [String]
    var reason: String

    /// Reads one line; nil when it is no such comment.
    init?(_ text: Substring, line: Int) {
        let prefix = "-- lint:ignore"
        let trimmed = text.drop { $0 == " " || $0 == "\t" }
        guard trimmed.hasPrefix(prefix) else { return nil }
        let rest = trimmed.dropFirst(prefix.count)
        guard rest.isEmpty || rest.first == " " || rest.first == ":" else { return nil }
        let colon = rest.firstIndex(of: ":") ?? rest.endIndex
        self.line = line
        codes = rest[..<colon].split { $0 == "," || $0.isWhitespace }.map(String.init)
        reason = rest[colon...].dropFirst().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// Those in the comments of a text that begins on line `first`; what a string says is none.
    static func all(in text: String, firstLine first: Int) -> [LintIgnore] {
        guard text.contains("lint:ignore") else { return [] }
        let utf8 = Array(text.utf8)
        var lexer = SQLLexer(text)
        var ignores: [LintIgnore] = []
        var lines = LineCounter(first: first)
        var end = 0
        while end < utf8.count {
            let token = try? lexer.next()
            let next = token?.range.lowerBound ?? utf8.count
            let start = lines.line(of: end, in: utf8)
            let gap = String(decoding: utf8[end..<next], as: UTF8.self)
            for (index, line) in gap.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
                if let ignore = LintIgnore(line, line: start + index) { ignores.append(ignore) }
            }
            guard let token else { break }
            end = token.range.upperBound
        }
        return ignores
    }
}
