import CygniIntake

/// Cuts an input into records: lines, or for CSV what quotes hold together over several lines.
struct RecordReader {
    enum Piece {
        /// A whole record without its line end. `isOpen`: its last quote is never closed.
        case record(ByteView, isOpen: Bool)
        /// A stretch of a record that is longer than ``recordLimit``; the last one has the line end taken off.
        case excess(ByteView, isFirst: Bool)
    }

    /// A record may be this long.
    static let recordLimit = Record.limit

    /// Nil: every line is a record. Else the delimiter of a CSV file.
    var delimiter: UInt8?
    /// The number of the line that the last piece started on, from 1.
    private(set) var line = 0
    private let input: InputFile
    private var linesInLast = 1
    private var isInExcess = false

    init(_ input: InputFile, delimiter: UInt8? = nil) {
        self.input = input
        self.delimiter = delimiter
    }

    /// The number of the last line that the pieces so far reach to.
    var lastLine: Int { line + linesInLast - 1 }

    /// The next piece; nil at the end. It is good until the next call.
    mutating func next() throws -> Piece? {
        if isInExcess { return try nextExcess(isFirst: false) }
        line += linesInLast
        linesInLast = 1
        var quotes = CSVQuotes(delimiter: delimiter ?? 0)
        var firstLineEnd: Int?
        var searched = 0
        var lines = 1
        while true {
            let unread = input.unread
            if let end = unread.position(of: byte("\n"), from: searched) {
                if delimiter != nil {
                    quotes.take(unread.part(searched, end))
                    if quotes.isOpen, end < Self.recordLimit {
                        firstLineEnd = firstLineEnd ?? end
                        searched = end + 1
                        lines += 1
                        continue
                    }
                }
                return record(
                    upTo: quotes.isOpen ? firstLineEnd ?? end : end,
                    lines: quotes.isOpen ? 1 : lines,
                    quotes.isOpen
                )
            }
            if delimiter != nil { quotes.take(unread.part(searched, unread.count)) }
            searched = unread.count
            if searched > Self.recordLimit {
                if let firstLineEnd { return record(upTo: firstLineEnd, lines: 1, true) }
                return try nextExcess(isFirst: true)
            }
            guard try !input.fill() else { continue }
            guard searched > 0 else {
                line -= 1
                return nil
            }
            if quotes.isOpen { return record(upTo: firstLineEnd ?? searched, lines: 1, true) }
            return record(upTo: searched, lines: lines, false)
        }
    }

    /// Hands out the bytes up to a line end, and steps over it.
    private mutating func record(upTo end: Int, lines: Int, _ isOpen: Bool) -> Piece {
        let unread = input.unread
        linesInLast = lines
        let bytes = unread.part(0, end)
        input.consume(Swift.min(end + 1, unread.count))
        if bytes.count > Self.recordLimit { return .excess(bytes, isFirst: true) }
        return .record(bytes.last == byte("\r") ? bytes.part(0, end - 1) : bytes, isOpen: isOpen)
    }

    private mutating func nextExcess(isFirst: Bool) throws -> Piece? {
        while input.unread.isEmpty {
            guard try input.fill() else {
                isInExcess = false
                return try next()
            }
        }
        let unread = input.unread
        let end = unread.position(of: byte("\n"))
        isInExcess = end == nil
        input.consume(end.map { $0 + 1 } ?? unread.count)
        return .excess(unread.part(0, end ?? unread.count), isFirst: isFirst)
    }
}

/// Follows the quotes of a CSV record (RFC 4180) to know whether a line end is part of a field.
private struct CSVQuotes {
    private enum State {
        case fieldStart, plain, quoted, closed
    }

    let delimiter: UInt8
    private var state = State.fieldStart

    init(delimiter: UInt8) {
        self.delimiter = delimiter
    }

    var isOpen: Bool { state == .quoted }

    mutating func take(_ bytes: ByteView) {
        // Most lines have no quote at all; only whether one may open here matters then.
        if state != .quoted, bytes.position(of: byte("\"")) == nil {
            if let last = bytes.last { state = last == delimiter ? .fieldStart : .plain }
            return
        }
        for value in bytes {
            switch state {
            case .fieldStart:
                state = value == byte("\"") ? .quoted : value == delimiter ? .fieldStart : .plain
            case .plain:
                if value == delimiter { state = .fieldStart }
            case .quoted:
                if value == byte("\"") { state = .closed }
            case .closed:
                // A second quote is a quote in the field.
                state = value == byte("\"") ? .quoted : value == delimiter ? .fieldStart : .plain
            }
        }
    }
}
