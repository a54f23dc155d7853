import CygniJobs
import CygniModel
import CygniPostgres

/// A section with `transaction:false`: one statement at a time, with the ledger's steps to tell how far it came.
///
/// Whatever can run in a transaction shares one with the row that notes it, so it happens exactly once. What cannot, as
/// CREATE INDEX CONCURRENTLY, is noted before and after; if a run ends in between, the next one looks what became of it.
extension SectionRunner {
    func runInSteps(_ session: Session, since start: ContinuousClock.Instant) throws {
        let plan = try stepPlan(session)
        for (index, statement) in section.statements.enumerated() {
            crashPoints.reach("migrate.before-statement")
            do {
                if index < plan.done {
                    // Settings of a run that ended are gone with its session; the statements to come may need them.
                    if statement.words.first == "SET" {
                        try session.statements(statement.text, name: "migrate.setting")
                    }
                } else {
                    try run(statement, step: index + 1, isInDoubt: index == plan.done && plan.isInDoubt, session)
                }
            } catch let failure as ScriptFailure {
                throw self.failure(failure.cause, at: statement, step: index + 1)
            } catch let error as PostgresError {
                throw failure(error, at: statement, step: index + 1)
            }
            crashPoints.reach("migrate.after-statement")
        }
        crashPoints.reach("migrate.after-sql")
        try close(session, since: start)
    }

    private func stepPlan(_ session: Session) throws -> StepPlan {
        let steps = try ledger.steps(of: file.version, direction, session)
        do throws(StepPlan.Changed) {
            return try StepPlan(statements: section.statements.map(\.sha256), steps: steps)
        } catch {
            throw StepsChanged(file: file, error)
        }
    }

    private func run(_ statement: SQLStatement, step: Int, isInDoubt: Bool, _ session: Session) throws {
        if !statement.refusesTransaction, try runInTransaction(statement, step: step, session) { return }
        let recovery = StatementRecovery(statement)
        if isInDoubt {
            switch try recovery.settle(session) {
            case .happened: return try note(statement, step: step, isDone: true, session)
            case .repeatable: break
            case .unknown:
                throw StatementInDoubt(file: file, in: set, direction: direction, statement)
            }
        }
        try note(statement, step: step, isDone: false, session)
        try runAlone(statement, toleratesDone: isInDoubt ? recovery.statesOfDone : [], session)
        crashPoints.reach("migrate.before-note")
        try note(statement, step: step, isDone: true, session)
    }

    /// - Returns: false when the statement turns out to refuse a transaction; nothing has happened then.
    private func runInTransaction(_ statement: SQLStatement, step: Int, _ session: Session) throws -> Bool {
        do {
            try session.statements("BEGIN;\n" + statement.text, name: "migrate.file")
            try session.script("SET LOCAL ROLE \(quotedIdentifier(role))", name: "migrate.reset")
            try ledger.note(statement.step(step, isDone: true), of: file.version, direction, session)
            try session.script("COMMIT", name: "migrate.commit")
            return true
        } catch var failure as ScriptFailure {
            rollBack(session)
            if ["25001", "2D000"].contains(failure.cause.sqlState) { return false }
            failure.cause.position = failure.cause.position.map { $0 - "BEGIN;\n".count }
            throw failure
        } catch {
            rollBack(session)
            throw error
        }
    }

    private func runAlone(_ statement: SQLStatement, toleratesDone states: Set<String>, _ session: Session) throws {
        // What works CONCURRENTLY waits for old transactions, and nobody waits for it; a short lock_timeout would only
        // leave an invalid index behind. One that the file set itself is left alone.
        let lifted = statement.isConcurrent ? try liftLockTimeout(session) : false
        defer { if lifted { try? session.script("RESET lock_timeout", name: "migrate.reset") } }
        do {
            try session.statements(statement.text, name: "migrate.file")
        } catch let failure as ScriptFailure where failure.cause.sqlState.map(states.contains) ?? false {
            return
        }
    }

    private func liftLockTimeout(_ session: Session) throws -> Bool {
        guard try MigrationLedger.lockTimeoutIsOurs(session) else { return false }
        try session.script("SET lock_timeout = 0", name: "migrate.lock_timeout")
        return true
    }

    private func note(_ statement: SQLStatement, step: Int, isDone: Bool, _ session: Session) throws {
        do {
            try session.script("BEGIN; SET LOCAL ROLE \(quotedIdentifier(role))", name: "migrate.note")
            try ledger.note(statement.step(step, isDone: isDone), of: file.version, direction, session)
            try session.script("COMMIT", name: "migrate.note")
        } catch {
            rollBack(session)
            throw error
        }
    }

    /// All statements stand: the ledger's row takes the place of the steps.
    private func close(_ session: Session, since start: ContinuousClock.Instant) throws {
        do {
            try session.script("\(resetting); BEGIN", name: "migrate.begin")
            try book(session, since: start)
            try ledger.forgetSteps(of: file.version, session)
            crashPoints.reach("migrate.after-ledger")
            try commit(session)
        } catch let error as PostgresError {
            rollBack(session)
            throw failure(error, at: nil, line: nil, aftermath: ["all its statements stand; run it again to note that"])
        }
    }

    private func failure(_ cause: PostgresError, at statement: SQLStatement, step: Int) -> MigrationFailure {
        let line =
            cause.position.map { lineOf(position: $0, in: statement.text, from: statement.line) } ?? statement.line
        let total = section.statements.count
        let before = step == 1 ? "no statement of this file stands" : "statements 1 to \(step - 1) of \(total) stand"
        let next = "mend statement \(step) and run it again: it goes on from there"
        return failure(cause, at: statement, line: line, aftermath: ["\(before); \(next)"])
    }
}

extension SQLStatement {
    /// Digest of its text: tells whether a statement that ran was changed since.
    var sha256: String { hexadecimalSHA256(Array(text.utf8)) }

    func step(_ number: Int, isDone: Bool) -> AppliedStep {
        AppliedStep(step: number, sha256: sha256, summary: summary, isDone: isDone)
    }
}
