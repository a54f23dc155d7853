import CygniIntake

/// Reads an input record by record into batches; what cannot be taken goes to the reject file.
struct BatchReader {
    private let input: InputFile
    private var reader: RecordReader
    private var parser: any RecordParser
    private let rejects: RejectFile
    /// Lines up to this one were imported earlier.
    private let skippedLines: Int
    private var needsHeading = true
    /// A record that came when the batch was full; it starts the next one.
    private var held: RecordReader.Piece?
    private var isAtEnd = false
    private var skipsExcess = false

    init(_ input: InputFile, _ parser: any RecordParser, rejects: RejectFile, afterLine: Int = 0) {
        self.input = input
        self.parser = parser
        self.rejects = rejects
        skippedLines = afterLine
        reader = RecordReader(input, delimiter: parser.delimiter)
    }

    /// The next batch; nil at the end of the input, or after a request to stop. Memory stays flat however long it is.
    mutating func next() throws -> CopyBatch? {
        guard !isAtEnd else { return nil }
        try takeHeading()
        var batch = CopyBatch()
        while let piece = try nextPiece() {
            switch piece {
            case .excess(let bytes, let isFirst):
                try takeExcess(bytes, isFirst)
            case .record(let record, let isOpen):
                if batch.isFull, !parser.continues(record) {
                    held = piece
                    return try finished(batch, lastLine: reader.line - 1)
                }
                try take(record, isOpen, &batch)
            }
        }
        isAtEnd = true
        return try finished(batch, lastLine: reader.lastLine)
    }

    /// Takes the heading, where the format has one. An import calls it before it opens anything, since a heading may show
    /// that a flag is missing.
    mutating func takeHeading() throws {
        while needsHeading, let piece = try nextPiece() {
            guard case .record(let record, _) = piece else {
                held = piece
                needsHeading = false
                return
            }
            guard !isBlank(record) else { continue }
            needsHeading = false
            if try parser.takeHeading(record) {
                rejects.heading = Array(record)
            } else {
                held = piece
            }
        }
    }

    /// Whether an import steps over a record: nothing is in it, or it is a reject file's comment.
    private func isBlank(_ record: ByteView) -> Bool { record.has(RejectFile.mark) || record.trimmed.isEmpty }

    private mutating func nextPiece() throws -> RecordReader.Piece? {
        if let piece = held {
            held = nil
            return piece
        }
        guard StopRequest.signal == nil else { return nil }
        return try reader.next()
    }

    private mutating func finished(_ batch: CopyBatch, lastLine: Int) throws -> CopyBatch {
        var batch = batch
        parser.flush(into: &batch)
        // On disk before the batch is: a line is rather rejected twice than lost.
        try rejects.flush()
        batch.lastLine = lastLine
        batch.rejected = rejects.count
        batch.rejectsLength = rejects.length
        return batch
    }

    private mutating func take(_ record: ByteView, _ isOpen: Bool, _ batch: inout CopyBatch) throws {
        guard !isBlank(record) else { return }
        guard reader.line > skippedLines else { return }
        do throws(RowFault) {
            if isOpen { throw RowFault("a quote is opened and never closed") }
            try record.checkStorable("line")
            try parser.take(record, into: &batch)
        } catch {
            try rejects.add(line: reader.line, error.description, record)
        }
    }

    private mutating func takeExcess(_ bytes: ByteView, _ isFirst: Bool) throws {
        if isFirst {
            skipsExcess = reader.line <= skippedLines
            guard !skipsExcess else { return }
            try rejects.add(line: reader.line, "line: is longer than \(RecordReader.recordLimit) bytes", bytes)
        } else if !skipsExcess {
            try rejects.addMore(bytes)
        }
    }
}
