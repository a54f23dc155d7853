package import CygniJobs
import CygniModel
package import CygniPostgres

/// Brings a database to what a set of migrations says, one run at a time, and back.
package struct Migrator: Sendable {
    package let set: MigrationSet
    package private(set) var options: ConnectionOptions
    /// Kept with each ledger row.
    package let toolVersion: String
    /// How long to wait for another run to end.
    package var wait: Duration = .minutes(5)
    package var allowsOutOfOrder = false
    /// At most this many files; 0 is no limit.
    package var limit = 0
    /// How often in a row to connect again after the server went away.
    package var retries = 3
    /// How long a statement waits for a table, and for how long a file is tried again.
    package var patience = LockPatience.standard { didSet { options.lockTimeout = patience.timeout } }
    /// The first connection, when one is being made already, with ``connectionOptions(_:_:)``.
    package var early: EarlyConnection?
    package var crashPoints = CrashPoints.none
    package var events = MigrationEvents()

    package init(set: MigrationSet, options: ConnectionOptions, toolVersion: String) {
        self.set = set
        self.options = Self.connectionOptions(options, patience)
        self.toolVersion = toolVersion
    }

    /// With what a migrator's connections need besides.
    package static func connectionOptions(_ options: ConnectionOptions, _ patience: LockPatience) -> ConnectionOptions {
        var options = options
        // The scanner that cuts files into statements reads strings by the standard; so must the server.
        options.settings["standard_conforming_strings"] = "on"
        options.lockTimeout = patience.timeout
        return options
    }

    func connect(isReadOnly: Bool = false) async throws -> Connection {
        if let connection = try await early?.take(isReadOnly: isReadOnly) { return connection }
        var options = options
        options.isReadOnly = isReadOnly
        return try await Connection.open(options)
    }

    var ledger: MigrationLedger { MigrationLedger(set: set.name) }

    /// Files against ledger, by a connection that cannot write.
    package func inspect() async throws -> Inspection {
        let connection = try await connect(isReadOnly: true)
        let inspection = try await inspect(connection)
        await connection.close()
        return inspection
    }

    /// Applies what is pending.
    ///
    /// - Returns: the files applied by this run, in order; another run may have applied some meanwhile.
    /// - Throws: ``DriftError``, ``MigrationLockBusy``, ``MigrationFailure``, whatever ``MigrationEvents/checkpoint`` throws.
    @discardableResult
    package func up() async throws -> [MigrationFile] {
        try await Reconnecting(retries: retries, events: events).run { state in
            let connection = try await connect()
            try await up(connection, &state)
            await connection.close()
        }
    }

    private func up(_ connection: Connection, _ state: inout RunState) async throws {
        let first = try await refusingDrift(connection)
        guard needsWork(first) else { return state.settle(.up, pending: first.plan.pending, events) }
        try await lock(connection)
        // Another run may have been at it while this one waited.
        let inspection = try await refusingDrift(connection)
        state.settle(.up, pending: inspection.plan.pending, events)
        guard needsWork(inspection) else { return }
        let role = try await prepare(connection, inspection.facts)
        for file in inspection.plan.pending where limit == 0 || state.done.count < limit {
            try await run(file, .up, file.up, role, connection, &state)
        }
    }

    private func needsWork(_ inspection: Inspection) -> Bool {
        !inspection.plan.pending.isEmpty || (set.isPlatform && !inspection.facts.hasPlatform)
    }

    func refusingDrift(_ connection: Connection) async throws -> Inspection {
        let inspection = try await inspect(connection)
        guard inspection.plan.drifts.isEmpty else { throw DriftError(drifts: inspection.plan.drifts) }
        return inspection
    }

    func inspect(_ connection: Connection) async throws -> Inspection {
        let facts = try await connection.access { [ledger] session in try ledger.facts(session) }
        // The lock lives in its session, so the statements must not be spread over several.
        if !facts.isDirect { try await PoolerProbe.refuseTransactionPooler(connection, options) }
        let plan = MigrationPlan(set: set, applied: facts.applied, allowsOutOfOrder: allowsOutOfOrder)
        return Inspection(facts: facts, plan: plan)
    }

    func lock(_ connection: Connection) async throws {
        try await MigrationLock.take(
            on: connection,
            wait: wait,
            onWait: events.isWaiting,
            checkpoint: events.checkpoint
        )
        crashPoints.reach("migrate.locked")
    }

    /// Makes what must stand before the first file: for our own set roles and schemas, for any the ledger.
    ///
    /// - Returns: the role the files run as.
    func prepare(_ connection: Connection, _ facts: DatabaseFacts) async throws -> String {
        let role = set.isPlatform ? "cygni_owner" : facts.login
        let (ledger, isPlatform, crashPoints) = (ledger, set.isPlatform, crashPoints)
        try await connection.access { session in
            if isPlatform { try session.script(PlatformMigrations.bootstrap, name: "bootstrap") }
            crashPoints.reach("migrate.after-bootstrap")
            if facts.hasLedger {
                try session.script("SET ROLE \(quotedIdentifier(role))", name: "migrate.role")
            } else {
                try ledger.create(session, owner: role)
            }
            crashPoints.reach("migrate.prepared")
        }
        return role
    }

    func run(
        _ file: MigrationFile,
        _ direction: Direction,
        _ section: MigrationSection,
        _ role: String,
        _ connection: Connection,
        _ state: inout RunState
    ) async throws {
        try events.checkpoint()
        events.willRun(file, direction)
        state.inHand = file
        let runner = SectionRunner(
            file: file,
            direction: direction,
            section: section,
            set: set,
            role: role,
            toolVersion: toolVersion,
            crashPoints: crashPoints
        )
        let noticed = events.noticed
        let retry = LockRetry(patience: patience, options: options, events: events)
        let duration = try await retry.run(file, on: connection) {
            try await connection.access { session in
                session.onNotice = { severity, message in noticed(severity, message, file) }
                defer { session.onNotice = nil }
                return try runner.run(session)
            }
        }
        state.finished(file, direction, duration, events)
    }
}

/// What a look at the database brought.
package struct Inspection: Sendable {
    package var facts: DatabaseFacts
    package var plan: MigrationPlan
}

/// Whom a run tells what it is doing; each is called from the run's own task, in order.
package struct MigrationEvents: Sendable {
    /// Throws when no further file may begin.
    package var checkpoint: @Sendable () throws -> Void = {}
    /// The lock is somebody else's; the run waits for it.
    package var isWaiting: @Sendable (LockHolder?) -> Void = { _ in }
    package var willRun: @Sendable (MigrationFile, Direction) -> Void = { _, _ in }
    /// Committed, the ledger's row included.
    package var didRun: @Sendable (MigrationFile, Direction, Duration) -> Void = { _, _, _ in }
    /// The server's NOTICE, WARNING … about a file.
    package var noticed: @Sendable (_ severity: String, _ message: String, MigrationFile) -> Void = { _, _, _ in }
    /// A lock was not had; the file is tried again after the pause.
    package var isOutOfLuck: @Sendable (MigrationFile, [LockBlocker], _ pause: Duration) -> Void = { _, _, _ in }
    /// The server went away; the run connects again after a pause.
    package var isReconnecting: @Sendable (PostgresError) -> Void = { _ in }

    package init() {}
}
