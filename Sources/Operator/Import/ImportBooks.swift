import CygniCommand
import CygniAudit
import CygniModel
import CygniPostgres
import FoundationEssentials
import Glibc

/// An import's row in the ledger of runs. It moves on with each batch, in that batch's transaction, so that the next
/// import of the same file knows exactly how far this one got, however it ended.
struct ImportBooks: Sendable {
    let run: UUID
    private let connection: Connection
    private static var statements: StatementFile { ImportTable.statements }

    /// What came of an earlier import of the same file.
    enum Earlier: Sendable, Equatable {
        case none
        /// It ended early; its lines up to this one are in.
        case unfinished(afterLine: Int, rejectsLength: Int?, at: Timestamp)
        case finished(at: Timestamp)
    }

    /// Makes sure that nobody else imports the same file, and tells what came of an earlier import of it.
    static func earlier(_ job: String, _ identity: ImportIdentity, _ connection: Connection) async throws -> Earlier {
        guard !identity.text.isEmpty else { return .none }
        return try await connection.access { session in
            guard try session.query(statements["try_lock"], identity.text)[0].get("is_ours", as: Bool.self) else {
                throw ImportError(description: "the same file is being imported by another process", status: .tryLater)
            }
            guard let last = try session.query(statements["last_run"], job, identity.text).first else { return .none }
            let at: Timestamp = try last.get("at")
            let lines: Int = try last.get("lines")
            switch try last.get("state", as: String.self) {
            case "succeeded", "partial":
                return .finished(at: at)
            case "running":
                // Whoever ran it would hold the lock.
                try session.query(statements["close_lost"], try last.get("id", as: UUID.self))
            default:
                break
            }
            // One that went on from another has that one's rows to lose, even when it got nowhere.
            guard try last.get("rows", as: Int.self) + last.get("resumed_after", as: Int.self) > 0 else { return .none }
            return .unfinished(afterLine: lines, rejectsLength: try last.get("rejects_bytes", as: Int?.self), at: at)
        }
    }

    /// Opens the row, with the counts that the import starts from.
    init(
        _ report: ImportReport,
        _ identity: ImportIdentity,
        host: String,
        _ connection: Connection
    ) async throws {
        run = report.runID
        self.connection = connection
        try await connection.access { session in
            let statement = Self.statements["open_run"]
            let run = report.runID
            try session.query(statement, run, report.job, host, Int32(getpid()), CygniVersion.text, identity.text)
            try session.query(Self.statements["note_run"], run, JSONText(report.countsJSON.text))
        }
    }

    /// Notes how far it got; called in the transaction of a batch.
    func note(_ counts: JSONValue, _ session: Session) throws {
        try session.query(Self.statements["note_run"], run, JSONText(counts.text))
    }

    /// Closes the row, and puts on record that rows came in.
    ///
    /// - Parameter error: why it ended early; nil when it did not.
    func close(_ report: ImportReport, error: (any Error)? = nil) async throws {
        let status = error.map(ToolFailure.status(of:)) ?? report.status
        let words = error.map(ToolFailure.words(for:))
        let state = error == nil ? report.outcome : StopRequest.signal == nil ? "failed" : "stopped"
        try await connection.transaction { session in
            let counts = JSONText(report.countsJSON.text)
            try session.query(Self.statements["close_run"], run, state, counts, status.code, words)
            guard report.written.rows > 0 else { return }
            let event = AuditEvent(
                tenant: nil,
                actor: "tool:cygni",
                action: report.job,
                subject: report.input,
                details: counts
            )
            try AuditLog.append(event, in: session)
        }
    }
}
