/// Cuts SQL text into tokens by the rules of PostgreSQL's own scanner (manual, 4.1), with `standard_conforming_strings` on.
///
/// Comments and blanks are skipped. What cannot be a token on its own, an operator's sign for one, comes as `other`.
struct SQLLexer {
    private let bytes: [UInt8]
    private var index: Int

    init(_ text: String) {
        bytes = Array(text.utf8)
        index = 0
    }

    /// The next token; nil at the end of the text.
    mutating func next() throws(SQLFault) -> SQLToken? {
        try skipBlanksAndComments()
        guard index < bytes.count else { return nil }
        let start = index
        let kind = try scan()
        return SQLToken(kind: kind, range: start..<index)
    }

    private mutating func scan() throws(SQLFault) -> SQLToken.Kind {
        let byte = bytes[index]
        switch byte {
        case UInt8(ascii: ";"): return single(.semicolon)
        case UInt8(ascii: "("): return single(.openParenthesis)
        case UInt8(ascii: ")"): return single(.closeParenthesis)
        case UInt8(ascii: "\\"): return single(.backslash)
        case UInt8(ascii: "'"):
            try skipQuoted(by: byte, opened: index, backslashEscapes: false, "string")
        case UInt8(ascii: "\""):
            try skipQuoted(by: byte, opened: index, backslashEscapes: false, "quoted identifier")
        case UInt8(ascii: "$"):
            try skipDollar()
        case _ where isWordStart(byte):
            return try scanWord()
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            // Digits take no dollar sign along: `$1` and `1` end before a quote that follows.
            while index < bytes.count, isDigit(bytes[index]) { index += 1 }
        default:
            index += 1
        }
        return .other
    }

    private mutating func single(_ kind: SQLToken.Kind) -> SQLToken.Kind {
        index += 1
        return kind
    }

    private mutating func scanWord() throws(SQLFault) -> SQLToken.Kind {
        let start = index
        while index < bytes.count, isWordPart(bytes[index]) { index += 1 }
        // E'…' is one token, in which a backslash hides the quote behind it. The other prefixes (B, X, N, U&) hide nothing.
        guard index == start + 1, bytes[start] | 0x20 == UInt8(ascii: "e"), peek() == UInt8(ascii: "'") else {
            return .word
        }
        try skipQuoted(by: UInt8(ascii: "'"), opened: start, backslashEscapes: true, "string")
        return .other
    }

    private mutating func skipQuoted(
        by quote: UInt8,
        opened: Int,
        backslashEscapes: Bool,
        _ what: String
    ) throws(SQLFault) {
        index += 1
        while index < bytes.count {
            if backslashEscapes, bytes[index] == UInt8(ascii: "\\") {
                index += 2
            } else if bytes[index] != quote {
                index += 1
            } else if peek(1) == quote {
                index += 2
            } else {
                index += 1
                return
            }
        }
        index = bytes.count
        throw SQLFault(offset: opened, problem: "this \(what) is never closed")
    }

    /// `$tag$ … $tag$`, or the `$` of a parameter.
    private mutating func skipDollar() throws(SQLFault) {
        let opened = index
        var end = index + 1
        if end < bytes.count, isWordStart(bytes[end]) {
            while end < bytes.count, isWordPart(bytes[end]), bytes[end] != UInt8(ascii: "$") { end += 1 }
        }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "$") else {
            index += 1
            return
        }
        let delimiter = bytes[opened...end]
        index = end + 1
        while index + delimiter.count <= bytes.count {
            if bytes[index] == UInt8(ascii: "$"), bytes[index..<(index + delimiter.count)].elementsEqual(delimiter) {
                index += delimiter.count
                return
            }
            index += 1
        }
        let tag = String(decoding: delimiter, as: UTF8.self)
        throw SQLFault(offset: opened, problem: "this \(tag) quote is never closed")
    }

    private mutating func skipBlanksAndComments() throws(SQLFault) {
        while index < bytes.count {
            if isBlank(bytes[index]) {
                index += 1
            } else if peek() == UInt8(ascii: "-"), peek(1) == UInt8(ascii: "-") {
                while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
            } else if peek() == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                try skipBlockComment()
            } else {
                return
            }
        }
    }

    /// Block comments nest, unlike in C.
    private mutating func skipBlockComment() throws(SQLFault) {
        let opened = index
        var depth = 0
        repeat {
            if peek() == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                depth += 1
                index += 2
            } else if peek() == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                depth -= 1
                index += 2
            } else {
                index += 1
            }
            if index >= bytes.count, depth > 0 {
                throw SQLFault(offset: opened, problem: "this comment is never closed")
            }
        } while depth > 0
    }

    private func peek(_ ahead: Int = 0) -> UInt8? {
        index + ahead < bytes.count ? bytes[index + ahead] : nil
    }
}

private func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
}

private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

private func isWordStart(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_") || byte >= 0x80
}

private func isWordPart(_ byte: UInt8) -> Bool {
    isWordStart(byte) || isDigit(byte) || byte == UInt8(ascii: "$")
}
