import CygniIntake

/// Prometheus' text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). Series are named as the importer
/// names them, so that a sample belongs to the same one whichever way it comes.
struct PrometheusText {
    struct Sample: Hashable, Sendable {
        /// `http_requests_total{code="200",method="post"}`.
        var series: [UInt8]
        var value: Double
        /// Milliseconds since 1970.
        var time: Int64?
    }

    private static let mostLabels = 64
    private var series = PrometheusSeries(.all)

    /// - Returns: nil for a comment or an empty line.
    mutating func read(_ line: UnsafeRawBufferPointer) throws(RowFault) -> Sample? {
        guard line.count <= Record.limit else { throw RowFault("must have \(Record.limit) bytes at most") }
        var cursor = TextCursor(line.bindMemory(to: UInt8.self))
        cursor.skipBlanks()
        guard let first = cursor.peek, first != byte("#") else { return nil }
        try series.take(&cursor)
        guard series.labelCount <= Self.mostLabels else {
            throw RowFault("must have \(Self.mostLabels) labels at most")
        }
        guard let value = FloatText.parse(Self.word(&cursor)) else {
            throw RowFault("must have a number behind the name: 1, 2.5e3, NaN, +Inf or -Inf")
        }
        let written = Self.word(&cursor)
        var time: Int64?
        if !written.isEmpty {
            guard let milliseconds = Int64(written.text), abs(milliseconds) < 1 << 50 else {
                throw RowFault("must have nothing behind the value but a time in milliseconds since 1970")
            }
            time = milliseconds
        }
        cursor.skipBlanks()
        guard cursor.isAtEnd else { throw RowFault("must end behind the time") }
        return Sample(series: Array(series.name), value: value, time: time)
    }

    /// What stands up to the next blank.
    private static func word(_ cursor: inout TextCursor) -> ByteView {
        cursor.skipBlanks()
        let start = cursor.at
        while let next = cursor.peek, !next.isBlank { cursor.at += 1 }
        return cursor.bytes.part(start, cursor.at)
    }
}
