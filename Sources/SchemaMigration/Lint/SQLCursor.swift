/// A place in a statement's pieces, and the steps a parser makes from there.
struct SQLCursor {
    let text: String
    private let utf8: [UInt8]
    let pieces: [SQLPiece]
    var index = 0

    init(_ text: String) {
        self.text = text
        utf8 = Array(text.utf8)
        pieces = SQLPiece.pieces(of: text)
    }

    var isAtEnd: Bool { index >= pieces.count }
    var current: SQLPiece? { index < pieces.count ? pieces[index] : nil }

    /// The keywords come next, in this order.
    func sees(_ words: String...) -> Bool { sees(words) }

    /// Takes the keywords when all of them come next.
    mutating func take(_ words: String...) -> Bool {
        guard sees(words) else { return false }
        index += words.count
        return true
    }

    private func sees(_ words: [String]) -> Bool {
        guard index + words.count <= pieces.count else { return false }
        return zip(pieces[index...], words).allSatisfy { $0.kind == .word && $0.text == $1 }
    }

    func seesSign(_ sign: String) -> Bool {
        current.map { $0.kind == .sign && $0.text == sign } ?? false
    }

    mutating func takeSign(_ sign: String) -> Bool {
        guard seesSign(sign) else { return false }
        index += 1
        return true
    }

    mutating func word() -> String? {
        guard let current, current.kind == .word else { return nil }
        index += 1
        return current.text
    }

    mutating func identifier() -> String? {
        guard let name = current?.name else { return nil }
        index += 1
        return name
    }

    mutating func qualifiedName() -> QualifiedName? {
        guard let first = identifier() else { return nil }
        var parts = [first]
        while seesSign("."), index + 1 < pieces.count, let part = pieces[index + 1].name {
            parts.append(part)
            index += 2
        }
        return QualifiedName(parts: parts)
    }

    /// `ONLY a.b *, c`
    mutating func tableNames() -> [QualifiedName] {
        var names: [QualifiedName] = []
        repeat {
            guard let name = tableName() else { break }
            names.append(name)
        } while takeSign(",")
        return names
    }

    mutating func tableName() -> QualifiedName? {
        _ = take("ONLY")
        let name = qualifiedName()
        _ = takeSign("*")
        return name
    }

    /// Passes one piece, or a parenthesis with all that is in it.
    mutating func skip() {
        guard !isAtEnd else { return }
        guard seesSign("(") || seesSign("[") else {
            index += 1
            return
        }
        var depth = 0
        repeat {
            if seesSign("(") || seesSign("[") { depth += 1 }
            if seesSign(")") || seesSign("]") { depth -= 1 }
            index += 1
        } while depth > 0 && !isAtEnd
    }

    /// Passes everything up to a comma or a closing parenthesis on this level.
    mutating func skipToComma() {
        while !isAtEnd, !seesSign(","), !seesSign(")") { skip() }
    }

    /// Whether one of the words stands on this level further on.
    func hasAhead(_ word: String) -> Bool {
        var ahead = self
        while !ahead.isAtEnd {
            if ahead.sees(word) { return true }
            ahead.skip()
        }
        return false
    }

    /// The names between parentheses; empty when something else is there.
    mutating func parenthesizedNames() -> [String] {
        var inside = self
        skip()
        guard inside.takeSign("(") else { return [] }
        var names: [String] = []
        repeat {
            guard let name = inside.identifier() else { return [] }
            names.append(name)
        } while inside.takeSign(",")
        return inside.seesSign(")") ? names : []
    }

    /// The statement's text from one piece to before another.
    func text(from start: Int, to end: Int? = nil) -> String {
        let end = end ?? index
        guard start < end, end <= pieces.count else { return "" }
        return String(decoding: utf8[pieces[start].range.lowerBound..<pieces[end - 1].range.upperBound], as: UTF8.self)
    }
}
