import CygniIntake

/// Samples in CSV, columns by the names in its heading.
struct CSVSamples: RecordParser {
    private var encoder: SampleEncoder
    private var fields: CSVFields
    private var columns: [SampleKey?] = []
    private let arena = Arena()
    private let known: Set<SampleKey>

    var delimiter: UInt8? { fields.delimiter }

    /// - Parameter known: what the command line gives to all rows.
    init(_ encoder: SampleEncoder, delimiter: UInt8, known: Set<SampleKey>) {
        self.encoder = encoder
        self.known = known
        fields = CSVFields(delimiter: delimiter)
    }

    mutating func takeHeading(_ record: ByteView) throws -> Bool {
        arena.reset()
        try fields.split(record, arena)
        columns = fields.fields.map { SampleKey($0.trimmed) }
        let found = Set(columns.compactMap(\.self))
        guard columns.count(where: { $0 != nil }) == found.count else {
            throw ImportError.heading("two columns of the heading mean the same", record)
        }
        guard found.isSuperset(of: [.time, .value]) else {
            throw ImportError.heading(
                "the heading has no column named ts (or timestamp, time), or none named value",
                record
            )
        }
        let missing = Set([SampleKey.tenant, .project, .metric]).subtracting(found).subtracting(known)
        guard missing.isEmpty else {
            let names = missing.map { "\($0)" }.sorted()
            throw ImportError.lacking(names)
        }
        return true
    }

    mutating func take(_ record: ByteView, into batch: inout CopyBatch) throws(RowFault) {
        arena.reset()
        try fields.split(record, arena)
        guard fields.fields.count == columns.count else {
            throw RowFault("\(fields.fields.count) columns, where the heading has \(columns.count)")
        }
        var sample = Sample()
        for (index, key) in columns.enumerated() {
            if let key { sample[key] = fields.fields[index] }
        }
        try encoder.add(sample, to: &batch)
    }
}
