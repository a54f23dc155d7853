import CygniModel
import Logging

/// One event, ready to be laid out.
struct LogLine {
    let time: Timestamp
    let level: Logger.Level
    let message: String
    let metadata: Logger.Metadata

    init(time: Timestamp, level: Logger.Level, message: String, metadata: Logger.Metadata) {
        (self.time, self.level, self.message, self.metadata) = (time, level, message, metadata)
    }

    /// - Parameter handler: whose metadata stand below the event's own.
    init(_ event: LogEvent, of handler: any LogHandler) {
        var merged = handler.metadata
        if let provided = handler.metadataProvider?.get() { merged.merge(provided) { _, new in new } }
        if let own = event.metadata { merged.merge(own) { _, new in new } }
        self.init(time: .wallClock(), level: event.level, message: "\(event.message)", metadata: merged)
    }

    func rendered(_ format: LogFormat) -> String {
        switch format {
        case .text: text
        case .json: json.text
        }
    }

    /// `time`, `level`, `job`, `run_id` and `message` stand at the top, everything else under `metadata`.
    private var json: JSONValue {
        var rest = metadata
        var members: [(name: String, value: JSONValue)] = [
            ("time", .string(time.rfc3339)), ("level", .string(level.rawValue)),
        ]
        for key in [LogKey.job, .runID] {
            guard let value = rest.removeValue(forKey: key.rawValue) else { continue }
            members.append((key.rawValue, .string(Redaction.clean("\(value)"))))
        }
        members.append(("message", .string(Redaction.clean(message))))
        if !rest.isEmpty { members.append(("metadata", Self.json(.dictionary(rest), key: ""))) }
        return .object(members)
    }

    private static func json(_ value: Logger.MetadataValue, key: String) -> JSONValue {
        if Redaction.hides(key: key) { return .string(Redaction.mask) }
        switch value {
        case .dictionary(let members):
            let sorted = members.sorted { $0.key < $1.key }
            return .object(sorted.map { ($0.key, json($0.value, key: $0.key)) })
        case .array(let values): return .array(values.map { json($0, key: key) })
        case .string(let text): return .string(Redaction.clean(text))
        case .stringConvertible(let value): return .string(Redaction.clean("\(value)"))
        }
    }

    /// A run's id and job are the same on every line that a person sees at once, so they are left out.
    private var text: String {
        let clock = time.rfc3339.dropFirst(11).prefix(8)
        var line = "\(clock) \(Self.padded(level)) \(Self.onOneLine(Redaction.clean(message)))"
        for (key, value) in metadata.sorted(by: { $0.key < $1.key })
        where key != LogKey.job.rawValue && key != LogKey.runID.rawValue {
            line += " \(key)=\(Self.quoted(Redaction.hides(key: key) ? Redaction.mask : Self.plain(value)))"
        }
        return line
    }

    private static func plain(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): Redaction.clean(text)
        case .stringConvertible(let value): Redaction.clean("\(value)")
        case .dictionary, .array: json(value, key: "").text
        }
    }

    private static func padded(_ level: Logger.Level) -> String {
        let name = level.rawValue.uppercased()
        return name + String(repeating: " ", count: max(0, 8 - name.count))
    }

    private static func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty && text.unicodeScalars.allSatisfy { !$0.mustBeEscaped && !"\" =".unicodeScalars.contains($0) }
        return isPlain ? text : JSONValue.string(text).text
    }

    /// Escapes what could split the line or move the cursor.
    private static func onOneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: \.mustBeEscaped) else { return text }
        return String(JSONValue.string(text).text.dropFirst().dropLast())
    }
}
