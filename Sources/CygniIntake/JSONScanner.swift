/// Walks over one JSON text (RFC 8259) where it lies, checking all of it.
///
/// It is as strict as PostgreSQL's `jsonb` and a little stricter, so that what passes here is never refused there.
package struct JSONScanner {
    package enum Kind {
        case string, number, object, array, literal
    }

    package struct Member {
        /// Between the quotes, escapes as written.
        package let key: ByteView
        package let kind: Kind
        /// As written; a string with its quotes.
        package let value: ByteView
        /// Key and value as written.
        package let whole: ByteView

        /// What is between the quotes of a string.
        package var content: ByteView { value.part(1, value.count - 1) }
    }

    private var cursor: TextCursor
    private var isFirst = true

    private static let depthLimit = 64

    package init(_ bytes: ByteView) {
        cursor = TextCursor(bytes)
    }

    /// Steps into the object that the text must be.
    package mutating func openObject() throws(RowFault) {
        cursor.skipBlanks()
        guard cursor.take(byte("{")) else { throw RowFault("not a JSON object") }
    }

    /// The next member of the object; nil at its end, behind which nothing may follow.
    package mutating func nextMember() throws(RowFault) -> Member? {
        cursor.skipBlanks()
        if cursor.take(byte("}")) {
            cursor.skipBlanks()
            guard cursor.isAtEnd else { throw fault("something follows the object") }
            return nil
        }
        if !isFirst {
            guard cursor.take(byte(",")) else { throw fault("',' or '}' expected") }
            cursor.skipBlanks()
        }
        isFirst = false
        let start = cursor.at
        let key = try string()
        try colon()
        let valueStart = cursor.at
        let kind = try value(depth: 1)
        return Member(
            key: key,
            kind: kind,
            value: cursor.bytes.part(valueStart, cursor.at),
            whole: cursor.bytes.part(start, cursor.at)
        )
    }

    private mutating func colon() throws(RowFault) {
        cursor.skipBlanks()
        guard cursor.take(byte(":")) else { throw fault("':' expected") }
        cursor.skipBlanks()
    }

    private mutating func value(depth: Int) throws(RowFault) -> Kind {
        guard depth <= Self.depthLimit else { throw fault("nested more than \(Self.depthLimit) levels deep") }
        switch cursor.peek {
        case byte("\""):
            _ = try string()
            return .string
        case byte("{"):
            try object(depth: depth)
            return .object
        case byte("["):
            try array(depth: depth)
            return .array
        case byte("t"): return try literal("true")
        case byte("f"): return try literal("false")
        case byte("n"): return try literal("null")
        default:
            try number()
            return .number
        }
    }

    private mutating func object(depth: Int) throws(RowFault) {
        cursor.at += 1
        cursor.skipBlanks()
        if cursor.take(byte("}")) { return }
        repeat {
            cursor.skipBlanks()
            _ = try string()
            try colon()
            _ = try value(depth: depth + 1)
            cursor.skipBlanks()
        } while cursor.take(byte(","))
        guard cursor.take(byte("}")) else { throw fault("',' or '}' expected") }
    }

    private mutating func array(depth: Int) throws(RowFault) {
        cursor.at += 1
        cursor.skipBlanks()
        if cursor.take(byte("]")) { return }
        repeat {
            cursor.skipBlanks()
            _ = try value(depth: depth + 1)
            cursor.skipBlanks()
        } while cursor.take(byte(","))
        guard cursor.take(byte("]")) else { throw fault("',' or ']' expected") }
    }

    private mutating func literal(_ word: StaticString) throws(RowFault) -> Kind {
        guard cursor.bytes.has(word, at: cursor.at) else { throw fault("a value expected") }
        cursor.at += word.utf8CodeUnitCount
        return .literal
    }

    /// Bounded, because `numeric`, which `jsonb` keeps numbers in, is.
    private mutating func number() throws(RowFault) {
        let start = cursor.at
        _ = cursor.take(byte("-"))
        let first = cursor.peek
        guard skipDigits() > 0 else { throw fault(cursor.isAtEnd ? "it ends too early" : "a value expected") }
        if first == byte("0"), cursor.at - start > 1, cursor.bytes[cursor.at - 2].isDigit {
            throw fault("a number may not start with 0")
        }
        if cursor.take(byte(".")), skipDigits() == 0 { throw fault("digits expected") }
        guard cursor.at - start <= 400 else { throw fault("a number of more than 400 characters") }
        if cursor.take(byte("e")) || cursor.take(byte("E")) {
            if !cursor.take(byte("-")) { _ = cursor.take(byte("+")) }
            var digits = cursor
            guard skipDigits() > 0 else { throw fault("digits expected") }
            guard let exponent = digits.number(atMost: 6), exponent <= 1000 else {
                throw fault("an exponent above 1000")
            }
        }
    }

    private mutating func skipDigits() -> Int {
        let start = cursor.at
        while cursor.takeDigit() != nil {}
        return cursor.at - start
    }

    package func fault(_ what: String) -> RowFault {
        RowFault("not JSON: \(what) at byte \(cursor.at + 1)")
    }
}

extension JSONScanner {
    /// A string; returns what is between its quotes.
    private mutating func string() throws(RowFault) -> ByteView {
        guard cursor.take(byte("\"")) else { throw fault(cursor.isAtEnd ? "it ends too early" : "a string expected") }
        let start = cursor.at
        while let value = cursor.peek {
            cursor.at += 1
            switch value {
            case byte("\""): return cursor.bytes.part(start, cursor.at - 1)
            case byte("\\"): try escape()
            case 0..<0x20: throw fault("a control character in a string")
            default: break
            }
        }
        throw fault("a string is not closed")
    }

    private mutating func escape() throws(RowFault) {
        guard let letter = cursor.peek else { throw fault("a string is not closed") }
        cursor.at += 1
        switch letter {
        case byte("\""), byte("\\"), byte("/"), byte("b"), byte("f"), byte("n"), byte("r"), byte("t"): return
        case byte("u"): break
        default: throw fault("an unknown escape")
        }
        let unit = try hexDigits()
        switch unit {
        case 0: throw fault("\\u0000, which a text cannot hold")
        case 0xD800..<0xDC00:
            guard cursor.take(byte("\\")), cursor.take(byte("u")), (0xDC00..<0xE000).contains(try hexDigits()) else {
                throw fault("half of a surrogate pair")
            }
        case 0xDC00..<0xE000: throw fault("half of a surrogate pair")
        default: return
        }
    }

    private mutating func hexDigits() throws(RowFault) -> UInt32 {
        guard let unit = hexUnit(cursor.bytes, at: cursor.at) else { throw fault("four hex digits expected") }
        cursor.at += 4
        return unit
    }
}
