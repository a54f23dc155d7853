import CygniIntake

/// Log lines as JSON: time, level and message under their usual names, everything else into the fields.
struct JSONLogs: RecordParser {
    private var encoder: LogEncoder
    private var time = SampleTime()
    private var lastTime: Int64
    private let arena = Arena()
    private let fields = ViewBuffer()

    private enum Key {
        case time, level, message

        init?(_ name: ByteView) {
            if Self.times.contains(where: { name.spells($0) }) {
                self = .time
            } else if Self.levels.contains(where: { name.spells($0) }) {
                self = .level
            } else if Self.messages.contains(where: { name.spells($0) }) {
                self = .message
            } else {
                return nil
            }
        }

        private static let times: [StaticString] = ["ts", "time", "timestamp", "@timestamp"]
        private static let levels: [StaticString] = ["level", "severity", "lvl"]
        private static let messages: [StaticString] = ["message", "msg", "log"]
    }

    /// - Parameter now: the time of lines before the first that tells its own, in microseconds since 1970.
    init(_ encoder: LogEncoder, now: Int64) {
        self.encoder = encoder
        lastTime = now
    }

    mutating func take(_ record: ByteView, into batch: inout CopyBatch) throws(RowFault) {
        arena.reset()
        fields.removeAll()
        var scanner = JSONScanner(record)
        var message: ByteView?
        var level: ByteView?
        var written: ByteView?
        try scanner.openObject()
        while let member = try scanner.nextMember() {
            switch Key(member.key) {
            case .time where written == nil && (member.kind == .string || member.kind == .number):
                written = member.kind == .string ? arena.unescaped(member.content) : member.value
            case .level where level == nil && member.kind == .string:
                level = arena.unescaped(member.content)
            case .level where level == nil && member.kind == .number && Self.named(member.value) != nil:
                level = Self.named(member.value)
            case .message where message == nil && member.kind == .string:
                message = arena.unescaped(member.content)
            default:
                fields.add(byte(fields.view.isEmpty ? "{" : ","))
                fields.add(member.whole)
            }
        }
        if !fields.view.isEmpty { fields.add(byte("}")) }
        if let written { lastTime = try time.parse(written.trimmed) }
        try encoder.add(
            time: lastTime,
            level: level,
            // The line end that Docker keeps at the end of each message is none of it.
            message: message?.withoutLineEnd ?? ByteView(start: nil, count: 0),
            fields: fields.view,
            to: &batch
        )
    }

    private static func named(_ number: ByteView) -> ByteView? {
        var cursor = TextCursor(number)
        guard let value = cursor.number(atMost: 2), cursor.isAtEnd else { return nil }
        return LogLevel.name(ofNumber: value)?.view
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Without line ends behind.
    var withoutLineEnd: ByteView {
        var end = count
        while end > 0, self[end - 1] == byte("\n") || self[end - 1] == byte("\r") { end -= 1 }
        return part(0, end)
    }
}
