import CygniArchive
import CygniIntake
import CygniModel
import FoundationEssentials

/// Reads samples of metrics.
struct SampleReader: Sendable {
    let bounds: IngestBounds
    /// Of samples that do not say theirs.
    let project: UUID?

    static let shape = Schema.object([
        .init(
            "samples",
            .array(
                .object([
                    .init("metric", .text(1...IngestBounds.metric), "The name of the series, 255 bytes at most."),
                    .init("value", .number, ""),
                    .init("ts", .time, "When it was measured; the server's now if not given.", optional: true),
                    .init("project_id", .uuid, "On what; the parameter project if not given.", optional: true),
                ]),
                count: 0...IngestBounds.rows
            ),
            "All of them are taken, or none."
        )
    ])

    /// - Parameter body: of ``shape``.
    /// - Throws: ``Problem`` that names the samples that are wrong.
    func read(_ body: JSONInput) throws -> IngestRows {
        var rows = IngestRows(.samples)
        var faults = IngestFaults()
        for (place, sample) in (body["samples"]?.items ?? []).enumerated() where !faults.isFull {
            let at = "/samples/\(place)"
            let time = sample["ts"]?.text.flatMap { Timestamp(parsing: $0) } ?? bounds.now
            if let rule = bounds.broken(by: time) { faults.add("\(at)/ts", rule) }
            let metric = Array((sample["metric"]?.text ?? "").utf8)
            if metric.count > IngestBounds.metric { faults.add("\(at)/metric", "must have 255 bytes at most") }
            let value: Double? =
                switch sample["value"] {
                case .integer(let value): Double(value)
                case .number(let value): value
                default: nil
                }
            guard let value, value.isFinite else {
                faults.add("\(at)/value", "must be a finite number")
                continue
            }
            guard let project = sample["project_id"]?.text.flatMap({ UUID(uuidString: $0) }) ?? project else {
                faults.add("\(at)/project_id", "is required, here or as the parameter project")
                continue
            }
            rows.add(sample: metric, value, of: project, at: time)
        }
        try faults.raise()
        return rows
    }

    /// Prometheus' text format.
    ///
    /// - Throws: ``Problem`` that names the lines that are wrong.
    func read(text bytes: UnsafeRawBufferPointer) throws -> IngestRows {
        guard let project else {
            throw Problem(.invalidRequest, faults: [.init("query/project", "is required for text")])
        }
        var rows = IngestRows(.samples)
        var faults = IngestFaults()
        var text = PrometheusText()
        var place = 0
        LineSplitter.forEach(bytes) { line in
            defer { place += 1 }
            guard !faults.isFull else { return }
            func fault(_ rule: String) { faults.add("/\(place)", "line \(place + 1): \(rule)") }
            guard UTF8Check.isValid(line), !line.contains(0) else { return fault("must be UTF-8 without U+0000") }
            do throws(RowFault) {
                guard let sample = try text.read(line) else { return }
                let time = sample.time.map { Timestamp(microseconds: $0 * 1000) } ?? bounds.now
                if let rule = bounds.broken(by: time) { return fault("its time \(rule)") }
                guard sample.series.count <= IngestBounds.metric else {
                    return fault("must have a series of \(IngestBounds.metric) bytes at most, labels included")
                }
                guard rows.count < IngestBounds.rows else {
                    return fault("a request may have \(IngestBounds.rows) samples at most")
                }
                rows.add(sample: sample.series, sample.value, of: project, at: time)
            } catch {
                fault(error.description)
            }
        }
        try faults.raise()
        return rows
    }
}
