/// Cuts a text into its statements, as psql does: at a semicolon outside quotes, comments, parentheses and the body of a
/// `BEGIN ATOMIC` function.
struct StatementSplitter {
    private let text: String
    private let utf8: [UInt8]
    private var statements: [SQLStatement] = []
    private var lines: LineCounter
    /// Range of the statement in hand, from its first to its last token.
    private var range: Range<Int>?
    private var words: [String] = []
    private var hasOnlyWords = true
    private var lastWord = ""
    private var parentheses = 0
    private var atomicDepth = 0

    /// - Parameters:
    ///   - text: the SQL.
    ///   - line: the line of the file on which the text begins.
    static func split(_ text: String, line: Int) throws(SQLFault) -> [SQLStatement] {
        var splitter = StatementSplitter(text, line: line)
        return try splitter.run()
    }

    private init(_ text: String, line: Int) {
        self.text = text
        utf8 = Array(text.utf8)
        lines = LineCounter(first: line)
    }

    private mutating func run() throws(SQLFault) -> [SQLStatement] {
        var lexer = SQLLexer(text)
        while let token = try lexer.next() {
            switch token.kind {
            case .semicolon where parentheses == 0 && atomicDepth == 0:
                finish()
            case .backslash where range == nil:
                throw SQLFault(
                    offset: token.range.lowerBound,
                    problem: "lines with a backslash are commands of psql, not SQL: remove them"
                )
            default:
                take(token)
            }
        }
        finish()
        return statements
    }

    private mutating func take(_ token: SQLToken) {
        range = (range?.lowerBound ?? token.range.lowerBound)..<token.range.upperBound
        switch token.kind {
        case .openParenthesis: parentheses += 1
        case .closeParenthesis: parentheses = max(0, parentheses - 1)
        default: break
        }
        guard token.kind == .word else {
            hasOnlyWords = false
            lastWord = ""
            return
        }
        let isLeading = hasOnlyWords && words.count < 8
        // Most words matter to nobody, and a file has thousands.
        guard isLeading || (parentheses == 0 && definesRoutine) else { return }
        let word = uppercased(utf8[token.range])
        if isLeading { words.append(word) }
        trackAtomicBody(word)
        lastWord = word
    }

    /// `BEGIN ATOMIC … END` of a function in SQL: the semicolons inside are its own, and its CASE has an END too.
    private mutating func trackAtomicBody(_ word: String) {
        guard parentheses == 0, definesRoutine else { return }
        switch word {
        case "ATOMIC" where lastWord == "BEGIN" && atomicDepth == 0: atomicDepth = 1
        case "CASE" where atomicDepth > 0: atomicDepth += 1
        case "END" where atomicDepth > 0: atomicDepth -= 1
        default: break
        }
    }

    private var definesRoutine: Bool {
        guard words.count > 1, words[0] == "CREATE" else { return false }
        let kind = words[1] == "OR" ? words.dropFirst(3).first : words[1]
        return kind == "FUNCTION" || kind == "PROCEDURE"
    }

    /// Keywords are ASCII.
    private func uppercased(_ word: ArraySlice<UInt8>) -> String {
        String(decoding: word.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }, as: UTF8.self)
    }

    private mutating func finish() {
        defer {
            range = nil
            words = []
            hasOnlyWords = true
            lastWord = ""
            parentheses = 0
            atomicDepth = 0
        }
        guard let range else { return }
        let line = lines.line(of: range.lowerBound, in: utf8)
        statements.append(
            SQLStatement(text: String(decoding: utf8[range], as: UTF8.self), line: line, words: words)
        )
    }
}

/// Line numbers of rising offsets, each stretch counted once.
struct LineCounter {
    private var line: Int
    private var offset = 0

    init(first: Int) {
        line = first
    }

    mutating func line(of target: Int, in utf8: [UInt8]) -> Int {
        for byte in utf8[offset..<target] where byte == UInt8(ascii: "\n") { line += 1 }
        offset = target
        return line
    }
}
