import CygniIntake

/// Rows on their way to the database, in the binary form of COPY (manual, COPY, "Binary Format").
struct CopyBatch: Sendable {
    /// The rows, without the stream's header and trailer.
    private(set) var bytes: [UInt8] = []
    private(set) var rows = 0
    /// Days since 1970 that no earlier batch had.
    var newDays: [Int] = []
    /// Places that no earlier batch had.
    var newPlaces: [Place] = []
    /// Lines of the input that were dealt with when this batch was full, rejected ones included.
    var lastLine = 0
    /// Where the counts of the whole import stood then.
    var rejected = 0
    /// And how long the reject file was.
    var rejectsLength = 0

    /// A batch is full at so many rows or bytes: large enough that its fixed cost vanishes, small enough that a killed
    /// import loses little and memory stays flat.
    var isFull: Bool { rows >= Self.rowLimit || bytes.count >= Self.byteLimit }
    static let rowLimit = 100_000
    static let byteLimit = 16 * 1024 * 1024

    /// What precedes the rows: signature, flags, length of the header's extension.
    static let header: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
    static let trailer: [UInt8] = [0xFF, 0xFF]

    mutating func startRow(fields: Int16) {
        if bytes.isEmpty { bytes.reserveCapacity(2 * 1024 * 1024) }
        append(fields)
        rows += 1
    }

    /// A `timestamptz`, from microseconds since 1970; the wire counts from 2000.
    mutating func add(time: Int64) {
        append(Int32(8))
        append(time - 946_684_800_000_000)
    }

    mutating func add(_ number: Int32) {
        append(Int32(4))
        append(number)
    }

    mutating func add(_ number: Double) {
        append(Int32(8))
        append(Int64(bitPattern: number.bitPattern))
    }

    mutating func add(_ text: ByteView) {
        append(Int32(text.count))
        bytes.append(contentsOf: text)
    }

    /// A `jsonb`: its version and the text.
    mutating func add(json: ByteView) {
        append(Int32(json.count + 1))
        bytes.append(1)
        bytes.append(contentsOf: json)
    }

    private mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
