import CygniModel
import CygniPostgres

/// Runs one section on the clone and looks after each statement which locks the session has come to hold.
struct RehearsalRunner {
    private static let statements = StatementFile("rehearsal", PackageResources.rehearsal_sql)

    let file: MigrationFile
    /// The role that each file begins as.
    let role: String
    /// The server is there for rehearsals: roles and its settings may be changed.
    let ownsServer: Bool

    private struct Relation: Equatable {
        var file: Int
        var scans: Int
    }

    private struct Held {
        var relation: String
        var mode: LockMode
    }

    /// - Throws: ``MigrationFailure`` for a statement that the clone refuses.
    func run(_ session: Session) throws -> RehearsedFile {
        let groups = file.up.isTransactional ? [file.up.statements] : file.up.statements.map { [$0] }
        var rehearsed: [RehearsedStatement] = []
        for group in groups {
            let isAlone = !file.up.isTransactional && group.contains(where: \.refusesTransaction)
            do {
                rehearsed += try isAlone ? group.map { try runAlone($0, session) } : runTogether(group, session)
            } catch let failure as MigrationFailure where !file.up.isTransactional && failure.wantsNoTransaction {
                // What its words do not tell, as 'up' finds out, too.
                try session.script("ROLLBACK", name: "rehearsal.rollback")
                rehearsed += try group.map { try runAlone($0, session) }
            }
        }
        let reset = "RESET SESSION AUTHORIZATION; RESET ALL; DISCARD TEMP; SET ROLE \(quotedIdentifier(role))"
        try session.script(reset, name: "rehearsal.reset")
        return RehearsedFile(file: file, statements: rehearsed)
    }

    /// Statements of one transaction: what one of them locks stays locked until the last has ended.
    private func runTogether(_ group: [SQLStatement], _ session: Session) throws -> [RehearsedStatement] {
        try session.script("BEGIN", name: "rehearsal.begin")
        let standing = Set(try relations(session).keys)
        var held: [Int: Held] = [:]
        var found: [(statement: SQLStatement, duration: Duration, locks: [Int: Held], work: [Int: RowWork])] = []
        for statement in group {
            let before = try relations(session)
            let start = ContinuousClock.now
            try execute(statement, session)
            let duration = ContinuousClock.now - start
            try refuseSharedObjects(statement, session)
            // sql-here: a word to compare with. TRUNCATE gives a table a new file too, and touches no row.
            let work = statement.words.first == "TRUNCATE" ? [:] : Self.work(from: before, to: try relations(session))
            var fresh: [Int: Held] = [:]
            for (oid, lock) in try locks(session) where standing.contains(oid) {
                guard held[oid].map({ $0.mode < lock.mode }) ?? true else { continue }
                (held[oid], fresh[oid]) = (lock, lock)
            }
            found.append((statement, duration, fresh, work))
        }
        let start = ContinuousClock.now
        do {
            try session.script("COMMIT", name: "rehearsal.commit")
        } catch let error as PostgresError {
            throw failure(error, at: nil)
        }
        return Self.summed(found, commit: ContinuousClock.now - start)
    }

    private static func summed(
        _ found: [(statement: SQLStatement, duration: Duration, locks: [Int: Held], work: [Int: RowWork])],
        commit: Duration
    ) -> [RehearsedStatement] {
        found.indices.map { index in
            let rest = found[index...]
            let held = rest.reduce(commit) { $0 + $1.duration }
            let locks = found[index].locks.map { oid, lock in
                let work = rest.compactMap { $0.work[oid] }.max() ?? .none
                return RehearsedLock(relation: lock.relation, mode: lock.mode, held: held, work: work)
            }
            return RehearsedStatement(
                statement: found[index].statement,
                duration: found[index].duration,
                locks: locks.sorted { ($1.mode, $0.relation) < ($0.mode, $1.relation) }
            )
        }
    }

    /// A statement that refuses a transaction: nobody can look while it runs, so its lock is the manual's.
    private func runAlone(_ statement: SQLStatement, _ session: Session) throws -> RehearsedStatement {
        let start = ContinuousClock.now
        try execute(statement, session)
        let duration = ContinuousClock.now - start
        let locks = ConcurrentIndex(statement).map { index in
            [RehearsedLock(relation: index.table, mode: .shareUpdateExclusive, held: duration, work: .scan)]
        }
        return RehearsedStatement(
            statement: statement,
            duration: duration,
            locks: locks ?? [],
            isWatched: locks != nil
        )
    }

    private func execute(_ statement: SQLStatement, _ session: Session) throws {
        do {
            try session.statements(statement.text, name: "rehearsal.file")
        } catch let failure as ScriptFailure {
            throw self.failure(failure.cause, at: statement)
        }
    }

    /// What no look at the statement's text tells: a block or a function that is about to change a role.
    private func refuseSharedObjects(_ statement: SQLStatement, _ session: Session) throws {
        guard !ownsServer, !(try session.query(Self.statements["shared"]).isEmpty) else { return }
        try session.script("ROLLBACK", name: "rehearsal.rollback")
        throw MigrationSet.sharedObjects(file, statement)
    }

    private func failure(_ cause: PostgresError, at statement: SQLStatement?) -> MigrationFailure {
        let line = statement.map { statement in
            cause.position.map { lineOf(position: $0, in: statement.text, from: statement.line) } ?? statement.line
        }
        return MigrationFailure(
            file: file,
            direction: .up,
            statement: statement,
            line: line,
            cause: cause,
            aftermath: ["it failed on a clone without rows; nothing was changed"]
        )
    }

    private func relations(_ session: Session) throws -> [Int: Relation] {
        let rows = try session.query(Self.statements["relations"])
        return Dictionary(
            uniqueKeysWithValues: try rows.map { row in
                (try row.get("oid", as: Int.self), Relation(file: try row.get("file"), scans: try row.get("scans")))
            }
        )
    }

    private static func work(from before: [Int: Relation], to after: [Int: Relation]) -> [Int: RowWork] {
        var work: [Int: RowWork] = [:]
        for (oid, was) in before {
            guard let now = after[oid] else { continue }
            if was.file != now.file { work[oid] = .rewrite } else if was.scans < now.scans { work[oid] = .scan }
        }
        return work
    }

    /// The strongest mode on each relation.
    private func locks(_ session: Session) throws -> [Int: Held] {
        var held: [Int: Held] = [:]
        for row in try session.query(Self.statements["locks"]) {
            guard let mode = LockMode(try row.get("mode", as: String.self)) else { continue }
            let oid: Int = try row.get("oid")
            if let known = held[oid], known.mode >= mode { continue }
            held[oid] = Held(relation: try row.get("relation"), mode: mode)
        }
        return held
    }

    /// What a table is in the database that the plan is for, and who uses it in a way the lock must wait for.
    static func live(_ lock: RehearsedLock, _ session: Session) throws -> LiveTable? {
        guard let row = try session.query(statements["live_table"], lock.relation).first else { return nil }
        let users = try session.query(statements["users"], lock.relation).compactMap { row in
            try LockMode(row.get("mode", as: String.self)).map { LockUser(session: try LockBlocker(row), mode: $0) }
        }
        return LiveTable(
            rows: try row.get("rows"),
            heapBytes: try row.get("heap_bytes"),
            totalBytes: try row.get("total_bytes"),
            users: users.filter { lock.mode.conflicts.contains($0.mode) }
        )
    }
}

extension MigrationFailure {
    /// The statement cannot run inside a transaction block, or ends it by itself.
    fileprivate var wantsNoTransaction: Bool { ["25001", "2D000"].contains(cause.sqlState) }
}
