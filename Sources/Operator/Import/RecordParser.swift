import CygniIntake

/// Reads the records of one format and adds them to a batch.
protocol RecordParser {
    /// The delimiter of a CSV file, whose quotes may hold line ends; nil where every line is a record.
    var delimiter: UInt8? { get }

    /// Takes the first record of the input when it is a heading, and nothing otherwise.
    ///
    /// - Returns: whether the record was one.
    mutating func takeHeading(_ record: ByteView) throws -> Bool

    /// Takes one record: not empty, UTF-8, without NUL, no longer than ``RecordReader/recordLimit``.
    mutating func take(_ record: ByteView, into batch: inout CopyBatch) throws(RowFault)

    /// Whether a record belongs to the row of the one before it, so that a batch must not end between them.
    func continues(_ record: ByteView) -> Bool

    /// Adds what was held back for more to come; the batch is about to be written.
    mutating func flush(into batch: inout CopyBatch)
}

extension RecordParser {
    var delimiter: UInt8? { nil }
    mutating func takeHeading(_ record: ByteView) throws -> Bool { false }
    func continues(_ record: ByteView) -> Bool { false }
    mutating func flush(into batch: inout CopyBatch) {}
}
