import CygniPostgres

/// The ledger's series: what each job's own file for node_exporter says, read from the database, of every host.
enum LedgerMetrics {
    private static let statements = ServerStatements.server
    private static let series = [
        (
            "last_success", "last_success_timestamp_seconds",
            "When the last run that succeeded ended, in Unix time; 0 before the first."
        ),
        ("last_run", "last_run_timestamp_seconds", "When the last run ended, in Unix time."),
        ("last_duration", "last_duration_seconds", "How long the last run took."),
        ("last_exit_code", "last_exit_code", "Exit status of the last run; 0 is success."),
        ("running", "running", "Runs under way."),
    ]

    static func text(_ database: ServerDatabase) async throws -> String {
        try await database.platform(isReading: true) { session in
            let rows = try session.query(statements["ledger"])
            return try series.map { column, name, help in
                let samples = try rows.map { row in
                    let value =
                        switch column {
                        case "last_exit_code": "\(try row.get(column, as: Int32.self))"
                        case "running": "\(try row.get(column, as: Int.self))"
                        default: "\(try row.get(column, as: Double.self))"
                        }
                    return "cygni_task_\(name){task=\"\(try row.get("job", as: String.self))\"} \(value)\n"
                }
                return "# HELP cygni_task_\(name) \(help)\n# TYPE cygni_task_\(name) gauge\n" + samples.joined()
            }.joined()
        }
    }
}
