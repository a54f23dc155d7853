/// A token with what it says, as the parser wants it.
struct SQLPiece: Equatable, Sendable {
    enum Kind: Equatable, Sendable {
        /// A keyword or an unquoted identifier.
        case word
        case quotedIdentifier
        /// A string, quoted in whichever way.
        case string
        /// A number's digits, or one character of an operator.
        case sign
    }

    var kind: Kind
    /// A word in upper case, an identifier without its quotes, anything else as it stands.
    var text: String
    var range: Range<Int>

    /// As a name: unquoted ones fold to lower case.
    var name: String? {
        switch kind {
        case .word: text.lowercased()
        case .quotedIdentifier: text
        case .string, .sign: nil
        }
    }

    static func pieces(of text: String) -> [SQLPiece] {
        let utf8 = Array(text.utf8)
        var lexer = SQLLexer(text)
        var pieces: [SQLPiece] = []
        // The text was cut by the same lexer: it has no faults.
        while let token = try? lexer.next() {
            pieces.append(SQLPiece(token, utf8))
        }
        return pieces
    }

    private init(_ token: SQLToken, _ utf8: [UInt8]) {
        range = token.range
        let bytes = utf8[token.range]
        let text = String(decoding: bytes, as: UTF8.self)
        switch token.kind {
        case .word:
            kind = .word
            self.text = text.uppercased()
        case .other where bytes.first == UInt8(ascii: "\""):
            kind = .quotedIdentifier
            self.text = text.dropFirst().dropLast().split(separator: "\"\"", omittingEmptySubsequences: false)
                .joined(separator: "\"")
        case .other where bytes.contains(UInt8(ascii: "'")) || (bytes.count > 1 && bytes.first == UInt8(ascii: "$")):
            kind = .string
            self.text = text
        default:
            kind = .sign
            self.text = text
        }
    }
}
