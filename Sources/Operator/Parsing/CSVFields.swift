import CygniIntake

/// Splits the records of a CSV file (RFC 4180) into fields.
struct CSVFields {
    let delimiter: UInt8
    /// The fields of the last record; good as long as the record and the arena are.
    private(set) var fields: [ByteView] = []

    init(delimiter: UInt8) {
        self.delimiter = delimiter
    }

    mutating func split(_ record: ByteView, _ arena: Arena) throws(RowFault) {
        fields.removeAll(keepingCapacity: true)
        var at = 0
        while true {
            if at < record.count, record[at] == byte("\"") {
                at = try quoted(record, at + 1, arena)
            } else {
                let end = record.position(of: delimiter, from: at) ?? record.count
                fields.append(record.part(at, end))
                at = end
            }
            if at == record.count { return }
            at += 1
        }
    }

    /// A field that starts behind a quote; returns where its delimiter or the record's end is.
    private mutating func quoted(_ record: ByteView, _ start: Int, _ arena: Arena) throws(RowFault) -> Int {
        var at = start
        var hasQuotes = false
        while let quote = record.position(of: byte("\""), from: at) {
            let next = quote + 1
            if next < record.count, record[next] == byte("\"") {
                hasQuotes = true
                at = next + 1
                continue
            }
            guard next == record.count || record[next] == delimiter else {
                throw RowFault("column \(fields.count + 1): something follows a closing quote")
            }
            let raw = record.part(start, quote)
            fields.append(hasQuotes ? arena.unquoted(raw) : raw)
            return next
        }
        throw RowFault("column \(fields.count + 1): a quote is opened and never closed")
    }
}
