import CygniPostgres

extension Migrator {
    /// Settles what earlier runs left half-way, as far as the catalogs tell what became of it: a statement that took
    /// effect is noted, an index that was left invalid is dropped to be built anew.
    ///
    /// - Returns: one outcome for each file that was begun.
    /// - Throws: ``MigrationLockBusy``, ``StepsChanged``, `PostgresError`.
    package func repair() async throws -> [RepairOutcome] {
        try await locked { connection, inspection in
            let role = try await prepare(connection, inspection.facts)
            return try await connection.access { session in
                try halfWay(inspection, session).map { try settle($0, role, session) }
            }
        }
    }

    /// What was left half-way, by a connection that cannot write.
    package func halfWay() async throws -> [HalfWay] {
        let connection = try await connect(isReadOnly: true)
        let inspection = try await inspect(connection)
        let found = try await connection.access { session in try halfWay(inspection, session) }
        await connection.close()
        return found
    }

    /// Writes into the ledger what a person knows about one version.
    ///
    /// - Throws: ``RepairRefused`` when the choice does not fit, and nothing was changed.
    package func repair(_ version: MigrationVersion, _ choice: RepairChoice) async throws -> RepairOutcome {
        try await locked { connection, inspection in
            _ = try await prepare(connection, inspection.facts)
            return try await connection.transaction { session in
                switch choice {
                case .statementDone, .statementUndone: try decide(version, choice, inspection, session)
                case .acceptEdit: try acceptEdit(version, inspection, session)
                case .forget: try forget(version, inspection, session)
                }
            }
        }
    }

    private func locked<Result: Sendable>(
        _ work: (Connection, Inspection) async throws -> Result
    ) async throws -> Result {
        let connection = try await connect()
        try await lock(connection)
        let result = try await work(connection, inspect(connection))
        await connection.close()
        return result
    }

    private func halfWay(_ inspection: Inspection, _ session: Session) throws -> [HalfWay] {
        try inspection.facts.begun.compactMap { begun in
            guard let file = set.file(of: begun.version),
                let section = begun.direction == .up ? file.up : file.down
            else { return nil }
            let steps = try ledger.steps(of: file.version, begun.direction, session)
            do throws(StepPlan.Changed) {
                let plan = try StepPlan(statements: section.statements.map(\.sha256), steps: steps)
                return HalfWay(file: file, direction: begun.direction, done: plan.done, isInDoubt: plan.isInDoubt)
            } catch {
                throw StepsChanged(file: file, error)
            }
        }
    }

    private func settle(_ found: HalfWay, _ role: String, _ session: Session) throws -> RepairOutcome {
        guard found.isInDoubt, let next = found.next else { return settled(found) }
        var now = found
        now.isInDoubt = false
        switch try StatementRecovery(next).settle(session) {
        case .happened:
            let step = next.step(found.done + 1, isDone: true)
            try ledger.note(step, of: found.file.version, found.direction, session)
            now.done += 1
        case .repeatable:
            try ledger.forget(found.done + 1, of: found.file.version, found.direction, session)
        case .unknown:
            let doubt = StatementInDoubt(file: found.file, in: set, direction: found.direction, next)
            return RepairOutcome(file: found.file.name, kind: .undecided, words: doubt.description)
        }
        return settled(now)
    }

    private func settled(_ state: HalfWay) -> RepairOutcome {
        let goOn = state.direction == .up ? "'up' goes on from there" : "'down' goes on from there"
        return RepairOutcome(file: state.file.name, kind: .settled, words: "\(state.words); \(goOn)")
    }

    private func decide(
        _ version: MigrationVersion,
        _ choice: RepairChoice,
        _ inspection: Inspection,
        _ session: Session
    ) throws -> RepairOutcome {
        let found = try halfWay(inspection, session).first { $0.file.version == version }
        guard var found, found.isInDoubt, let next = found.next else {
            throw RepairRefused(description: "no statement of version \(version) is in doubt: nothing was changed")
        }
        if choice == .statementDone {
            try ledger.note(next.step(found.done + 1, isDone: true), of: version, found.direction, session)
            found.done += 1
        } else {
            try ledger.forget(found.done + 1, of: version, found.direction, session)
        }
        found.isInDoubt = false
        return settled(found)
    }

    private func acceptEdit(
        _ version: MigrationVersion,
        _ inspection: Inspection,
        _ session: Session
    ) throws -> RepairOutcome {
        guard !set.isPlatform,
            let entry = inspection.plan.entries.first(where: { $0.file.version == version }),
            let applied = entry.applied, applied.sha256 != entry.file.sha256
        else {
            throw RepairRefused(description: "no edited file of version \(version) was applied: nothing was changed")
        }
        try ledger.accept(entry.file, session)
        let words =
            "sha256 \(entry.file.sha256.prefix(12))… counts as applied, instead of \(applied.sha256.prefix(12))…"
        return RepairOutcome(file: entry.file.name, kind: .settled, words: words)
    }

    private func forget(
        _ version: MigrationVersion,
        _ inspection: Inspection,
        _ session: Session
    ) throws -> RepairOutcome {
        let file = set.file(of: version)
        let row = inspection.facts.applied.first { $0.version == version }
        if let row, file == nil, !set.isPlatform {
            try ledger.remove(version, session)
            try ledger.forgetSteps(of: version, session)
            return RepairOutcome(file: row.name, kind: .settled, words: "the ledger no longer has it")
        }
        guard row == nil, inspection.facts.begun.contains(where: { $0.version == version }) else {
            let why =
                row == nil
                ? "the ledger has nothing of version \(version)"
                : "version \(version) is applied and its file is there: revert it with 'cygni-migrate down'"
            throw RepairRefused(description: "\(why); nothing was changed")
        }
        try ledger.forgetSteps(of: version, session)
        let words = "its steps are forgotten, it starts from its first statement"
        return RepairOutcome(file: file?.name ?? version.text, kind: .settled, words: words)
    }
}
