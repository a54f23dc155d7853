import CygniJobs
import CygniModel
import CygniPostgres

/// Runs one section of one file on a session and keeps the ledger in step.
struct SectionRunner: Sendable {
    let file: MigrationFile
    let direction: Direction
    let section: MigrationSection
    let set: MigrationSet
    /// The role that each file begins as.
    let role: String
    let toolVersion: String
    let crashPoints: CrashPoints

    var ledger: MigrationLedger { MigrationLedger(set: set.name) }

    /// - Returns: how long the section took, its ledger row included.
    func run(_ session: Session) throws -> Duration {
        crashPoints.reach("migrate.before-file")
        let start = ContinuousClock.now
        if section.isTransactional {
            try runInTransaction(session, since: start)
        } else {
            try runInSteps(session, since: start)
        }
        crashPoints.reach("migrate.after-file")
        return ContinuousClock.now - start
    }

    /// The section's statements and the ledger's row stand or fall together.
    private func runInTransaction(_ session: Session, since start: ContinuousClock.Instant) throws {
        let prefix = "BEGIN;\n"
        // What is deferred to the COMMIT happens while the file's own settings still hold.
        let suffix = "\n;SET CONSTRAINTS ALL IMMEDIATE; \(resetting)"
        do {
            try session.statements(prefix + section.text + suffix, name: "migrate.file")
            crashPoints.reach("migrate.after-sql")
            try book(session, since: start)
            crashPoints.reach("migrate.after-ledger")
            try commit(session)
        } catch let failure as ScriptFailure {
            rollBack(session)
            let position = failure.cause.position.map { $0 - prefix.unicodeScalars.count }
            let index = failure.completed - 1
            let statement = section.statements.indices.contains(index) ? section.statements[index] : nil
            let line =
                position.map { lineOf(position: $0, in: section.text, from: section.firstLine) } ?? statement?.line
            throw self.failure(failure.cause, at: statement, line: line, aftermath: aftermath(of: failure.cause))
        } catch let error as PostgresError {
            rollBack(session)
            throw failure(error, at: nil, line: nil, aftermath: aftermath(of: error))
        }
    }

    func failure(
        _ cause: PostgresError,
        at statement: SQLStatement?,
        line: Int?,
        aftermath: [String]
    ) -> MigrationFailure {
        MigrationFailure(
            file: file,
            direction: direction,
            statement: statement,
            line: line,
            cause: cause,
            aftermath: aftermath
        )
    }

    private func aftermath(of cause: PostgresError) -> [String] {
        if cause.kind == .connectionLost {
            return ["the ledger knows whether it was committed: run 'cygni-migrate status'"]
        }
        var lines = [
            direction == .up
                ? "nothing of this file stands; the files before it are applied"
                : "nothing of this file was undone; the files after it are"
        ]
        if cause.sqlState == "25001" {
            lines.append("give the section the option transaction:false: '-- migrate:\(direction) transaction:false'")
        }
        return lines
    }

    /// Undoes what the file set for its session: role, search_path, time-outs.
    var resetting: String { "RESET SESSION AUTHORIZATION; RESET ALL; SET ROLE \(quotedIdentifier(role))" }

    /// Temporary tables are the file's own, as its settings are: the next file finds what it would in a run of its own.
    func commit(_ session: Session) throws {
        try session.script("COMMIT; DISCARD TEMP", name: "migrate.commit")
    }

    /// Writes the section's end into the ledger.
    func book(_ session: Session, since start: ContinuousClock.Instant) throws {
        crashPoints.reach("migrate.before-ledger")
        switch direction {
        case .up: try ledger.record(file, took: ContinuousClock.now - start, by: toolVersion, session)
        case .down: try ledger.remove(file.version, session)
        }
    }

    /// A connection that is gone has rolled back by itself.
    func rollBack(_ session: Session) {
        try? session.script("ROLLBACK", name: "migrate.rollback")
    }
}
