import CygniModel
import CygniPostgres

/// Where imported rows go.
enum ImportTable: String, Sendable {
    case samples = "metric_samples"
    case logs = "log_lines"

    static let statements = StatementFile("import", PackageResources.import_sql)

    var make: Statement { Self.statements[self == .samples ? "make_samples" : "make_logs"] }
    var copy: Statement { Self.statements[self == .samples ? "copy_samples" : "copy_logs"] }
    var insert: Statement { Self.statements[self == .samples ? "insert_samples" : "insert_logs"] }
}

extension Connection {
    /// The database's clock.
    func now() async throws -> Timestamp {
        try await access { try $0.query(ImportTable.statements["now"])[0].get("now") }
    }
}
