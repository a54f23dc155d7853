/// How a line of the log is laid out.
package enum LogFormat: String, CaseIterable, Sendable {
    /// For a person: time of day, level, message, `key=value`.
    case text
    /// For machines: one JSON object a line.
    case json
}
