/// A piece of SQL text, as far as finding the ends of statements needs telling pieces apart.
struct SQLToken: Equatable {
    enum Kind: Equatable {
        /// A keyword or an unquoted identifier.
        case word
        case semicolon
        case openParenthesis
        case closeParenthesis
        /// Starts a command of psql, which the server does not know.
        case backslash
        /// A string, a quoted identifier, a number, an operator.
        case other
    }

    var kind: Kind
    /// Byte offsets in the text.
    var range: Range<Int>
}

/// Text that cannot be cut into statements: where it starts to go wrong, and what is wrong.
struct SQLFault: Error, Equatable {
    /// Byte offset in the text.
    var offset: Int
    var problem: String
}
