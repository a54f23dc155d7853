import CygniLog

/// Words of others on their way into the database, a log or a report.
enum Redacted {
    static func words(_ error: any Error) -> String { String(Redaction.clean("\(error)").prefix(2000)) }
}
