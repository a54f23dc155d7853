import CygniIntake

/// Samples in Prometheus' text format, or in OpenMetrics: `name{label="value"} 12.5 1795317420000`.
struct PrometheusSamples: RecordParser {
    private var encoder: SampleEncoder
    private var series: PrometheusSeries
    /// The time of samples without one, in microseconds since 1970.
    private let now: Int64

    init(_ encoder: SampleEncoder, labels: PrometheusSeries.Labels, now: Int64) {
        self.encoder = encoder
        self.now = now
        series = PrometheusSeries(labels)
    }

    mutating func take(_ record: ByteView, into batch: inout CopyBatch) throws(RowFault) {
        // HELP, TYPE, UNIT, EOF and comments.
        guard record.trimmed.first != byte("#") else { return }
        var cursor = TextCursor(record)
        cursor.skipBlanks()
        try series.take(&cursor)
        var sample = Sample()
        sample.value = Self.word(&cursor)
        let time = Self.word(&cursor)
        if !time.isEmpty { sample.time = time }
        cursor.skipBlanks()
        // An exemplar of OpenMetrics may follow.
        guard cursor.isAtEnd || cursor.peek == byte("#") else { throw RowFault("something follows the time") }
        sample.metric = series.name
        guard series.name.count <= SampleEncoder.metricLimit else {
            throw RowFault(
                "series: its name is \(series.name.count) bytes long with its labels, more than "
                    + "\(SampleEncoder.metricLimit); --label NAME keeps only the labels named"
            )
        }
        try encoder.add(sample, now: now, to: &batch)
    }

    /// What stands up to the next blank; an exemplar's `#` starts no word.
    private static func word(_ cursor: inout TextCursor) -> ByteView {
        cursor.skipBlanks()
        let start = cursor.at
        if cursor.peek != byte("#") {
            while let next = cursor.peek, !next.isBlank { cursor.at += 1 }
        }
        return cursor.bytes.part(start, cursor.at)
    }
}
