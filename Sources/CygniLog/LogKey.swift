package import Logging

/// The keys of log metadata; one list, so that searches and dashboards meet one spelling.
package enum LogKey: String, CaseIterable, Sendable {
    case action, address, attempt, backend, cause, count, deadline, delay, duration, error, exitStatus = "exit_status",
        fence
    case file, grace, holder, host, item, items, job, method, outcome, path, pid, reason, relation
    case requestID = "request_id"
    case retries, route, rows
    case runID = "run_id"
    case signal, state, statement, status, step, subject, table, tenant
    case traceID = "trace_id"
    case trigger, version
}

extension Dictionary where Key == String, Value == Logger.Metadata.Value {
    /// Builds metadata from the known keys.
    package init(_ pairs: KeyValuePairs<LogKey, String>) {
        self.init(pairs.map { ($0.key.rawValue, .string($0.value)) }, uniquingKeysWith: { _, last in last })
    }
}

extension Logger {
    /// Adds one known key to every line of this logger.
    package subscript(key: LogKey) -> String? {
        get { self[metadataKey: key.rawValue].map { "\($0)" } }
        set { self[metadataKey: key.rawValue] = newValue.map { .string($0) } }
    }
}
