import CygniIntake

/// Log lines as plain text: the time is looked for, the level guessed, the rest is the message.
struct PlainLogs: RecordParser {
    private var encoder: LogEncoder
    private var times: LogTime
    private var lastTime: Int64
    private let joins: Bool
    /// A line that waits for those that continue it, and its text so far.
    private var pending: (time: Int64, level: StaticString?)?
    private let text = ViewBuffer()

    /// - Parameters:
    ///   - now: microseconds since 1970; the time of lines before the first that tells its own.
    ///   - joinsContinuations: a line that starts with a blank and has no time belongs to the message before it.
    init(_ encoder: LogEncoder, now: Int64, joinsContinuations: Bool) {
        self.encoder = encoder
        lastTime = now
        times = LogTime(now: now)
        joins = joinsContinuations
    }

    func continues(_ record: ByteView) -> Bool {
        joins && pending != nil && record[0].isBlank
    }

    mutating func take(_ record: ByteView, into batch: inout CopyBatch) throws(RowFault) {
        // A message without end is cut into several.
        if continues(record), text.view.count + record.count < RecordReader.recordLimit {
            text.add(byte("\n"))
            text.add(record.withoutLineEnd)
            return
        }
        flush(into: &batch)
        let found = times.find(in: record)
        if let found { lastTime = try SampleTime.checked(found.time, record) }
        let message = record.part(found?.rest ?? 0, record.count).withoutLineEnd
        let level = found?.severity.flatMap { LogLevel.name(ofNumber: $0) } ?? LogLevel.guess(message)
        guard joins else {
            try encoder.add(time: lastTime, level: level?.view, message: message, fields: nil, to: &batch)
            return
        }
        // What may be refused is refused now, while the line is at hand.
        try encoder.admit(lastTime, &batch)
        pending = (lastTime, level)
        text.add(message)
    }

    mutating func flush(into batch: inout CopyBatch) {
        guard let line = pending else { return }
        pending = nil
        defer { text.removeAll() }
        try? encoder.add(time: line.time, level: line.level?.view, message: text.view, fields: nil, to: &batch)
    }
}
