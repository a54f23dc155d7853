import CygniModel
import CygniPostgres

/// The ledger in the database: what it says, and the few ways to change it.
struct MigrationLedger: Sendable {
    private static let file = StatementFile("ledger", PackageResources.ledger_sql)

    /// The set whose rows this one reads and writes.
    let set: String

    /// Everything that decisions need, in few questions.
    func facts(_ session: Session) throws -> DatabaseFacts {
        let rows = try session.query(Self.file["facts"])
        guard let row = rows.first else { throw PostgresError(.client, "no facts about the database") }
        let hasLedger = try row.get("has_ledger", as: Bool.self)
        return DatabaseFacts(
            isDirect: try row.get("backend", as: Int.self) == session.announcedBackend,
            login: try row.get("login"),
            database: try row.get("database"),
            hasLedger: hasLedger,
            hasPlatform: try set == MigrationSet.platformName && hasPlatform(session),
            applied: hasLedger ? try applied(session) : [],
            begun: hasLedger ? try begun(session) : []
        )
    }

    private func hasPlatform(_ session: Session) throws -> Bool {
        try session.query(Self.file["platform"])[0].get("has_platform")
    }

    private func applied(_ session: Session) throws -> [AppliedMigration] {
        try session.query(Self.file["applied"], set).map { row in
            AppliedMigration(
                version: try Self.version(row),
                name: try row.get("name"),
                sha256: try row.get("sha256"),
                appliedAt: try row.get("applied_at"),
                appliedBy: try row.get("applied_by"),
                duration: .milliseconds(try row.get("duration_ms", as: Int.self)),
                toolVersion: try row.get("tool_version")
            )
        }
    }

    private func begun(_ session: Session) throws -> [BegunMigration] {
        try session.query(Self.file["begun"], set).map { row in
            BegunMigration(
                version: try Self.version(row),
                direction: try row.get("direction", as: String.self) == Direction.up.rawValue ? .up : .down,
                done: try row.get("done")
            )
        }
    }

    private static func version(_ row: Row) throws -> MigrationVersion {
        let text = try row.get("version", as: String.self)
        guard let version = MigrationVersion(text) else {
            throw PostgresError(.client, "cygni_migrate.applied holds the version '\(text)', which is no number")
        }
        return version
    }

    /// Makes the ledger where it is missing. The caller holds the lock.
    func create(_ session: Session, owner: String) throws {
        let owner = quotedIdentifier(owner)
        // sql-here: the owner is a role's name
        let schema = "CREATE SCHEMA IF NOT EXISTS cygni_migrate AUTHORIZATION \(owner);"
        try session.script("\(schema) SET ROLE \(owner); \(Self.file["create"].text)", name: "ledger.create")
    }

    func record(_ file: MigrationFile, took duration: Duration, by toolVersion: String, _ session: Session) throws {
        try session.query(
            Self.file["record"],
            set,
            file.version.text,
            file.name,
            file.sha256,
            file.up.isTransactional,
            Int(duration.microseconds / 1000),
            toolVersion
        )
    }

    func remove(_ version: MigrationVersion, _ session: Session) throws {
        try session.query(Self.file["remove"], set, version.text)
    }

    /// How far a section that runs without a transaction has come.
    func steps(of version: MigrationVersion, _ direction: Direction, _ session: Session) throws -> [AppliedStep] {
        try session.query(Self.file["steps"], set, version.text, direction.rawValue).map { row in
            AppliedStep(
                step: Int(try row.get("step", as: Int32.self)),
                sha256: try row.get("sha256"),
                summary: try row.get("summary"),
                isDone: try row.get("done")
            )
        }
    }

    func note(_ step: AppliedStep, of version: MigrationVersion, _ direction: Direction, _ session: Session) throws {
        try session.query(
            Self.file["note_step"],
            set,
            version.text,
            direction.rawValue,
            Int32(step.step),
            step.sha256,
            step.summary,
            step.isDone
        )
    }

    /// A statement that was sent did not take effect: it is to run.
    func forget(_ step: Int, of version: MigrationVersion, _ direction: Direction, _ session: Session) throws {
        try session.query(Self.file["forget_step"], set, version.text, direction.rawValue, Int32(step))
    }

    /// What the file says now counts as applied.
    func accept(_ file: MigrationFile, _ session: Session) throws {
        try session.query(Self.file["accept"], set, file.version.text, file.sha256, file.name)
    }

    func forgetSteps(of version: MigrationVersion, _ session: Session) throws {
        try session.query(Self.file["forget_steps"], set, version.text)
    }

    /// The index of that name on that table, both as a file writes them.
    static func index(_ name: String, of table: String, _ session: Session) throws -> (name: String, isValid: Bool)? {
        try session.query(file["find_index"], name, table).first.map { row in
            (try row.get("index", as: String.self), try row.get("is_valid", as: Bool.self))
        }
    }

    static func lockTimeoutIsOurs(_ session: Session) throws -> Bool {
        try session.query(file["lock_timeout"]).first?.get("is_ours") ?? false
    }

    static func tryLock(_ session: Session) throws -> Bool {
        try session.query(file["try_lock"]).first?.get("is_ours") ?? false
    }

    /// Who holds the lock; nil when it was let go meanwhile.
    static func holder(_ session: Session) throws -> LockHolder? {
        try session.query(file["holder"]).first.map { row in
            LockHolder(
                backend: Int(try row.get("pid", as: Int32.self)),
                application: try row.get("application"),
                login: try row.get("login")
            )
        }
    }
}

/// A name as SQL wants it.
func quotedIdentifier(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}
