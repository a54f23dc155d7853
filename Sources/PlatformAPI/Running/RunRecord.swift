import CygniModel
import CygniPostgres
import FoundationEssentials

/// What the database has of one run's log.
enum RunRecord {
    private static let statements = ServerStatements.operations
    /// Bytes of a log that are shown.
    static let shown = 64 << 10

    /// The last 64 KiB, from the beginning of a line.
    static func log(of run: UUID, in session: Session) throws -> String {
        let pieces = try session.query(statements["log_after"], run, 0).map { try $0.get("lines", as: String.self) }
        return end(of: pieces.joined())
    }

    static func end(of text: String) -> String {
        guard text.utf8.count > shown else { return text }
        let rest = text.utf8.suffix(shown)
        guard let line = rest.firstIndex(of: UInt8(ascii: "\n")) else { return "" }
        return String(text[rest.index(after: line)...])
    }

    /// What has come since a piece, and whether the run goes on.
    struct News: Sendable {
        let pieces: [(number: Int, lines: String)]
        /// Its state; nil: there is no such run.
        let state: String?
        let exitStatus: Int32?

        init(of run: UUID, after piece: Int, in session: Session) throws {
            // The state first: what is written after it was read comes with the next look.
            let row = try session.query(statements["state"], run).first
            state = try row?.get("state")
            exitStatus = try row?.get("exit_status", as: Int32?.self)
            pieces = try session.query(statements["log_after"], run, piece).map {
                (try $0.get("piece"), try $0.get("lines"))
            }
        }
    }
}
