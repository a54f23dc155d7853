import CygniAudit
import CygniCommand
import CygniJobs
import CygniModel
import CygniPostgres

/// The pauses in the database, each with its entry in the audit log.
enum PauseBook {
    private static let statements = StatementFile("runs", PackageResources.runs_sql)

    /// The job's name, when there is such a job.
    static func job(_ name: String, _ database: DatabaseOptions, _ surroundings: Surroundings) throws -> String {
        let environment = surroundings.environment
        let files = ConfigFiles(shared: database.config.path(environment), environment: environment)
        return try files.knownJobs(.platform).named(name).name
    }

    /// - Returns: the pause that stands now, and whether it is this call's.
    static func pause(
        _ job: String,
        _ length: Int64?,
        _ why: String,
        _ database: DatabaseOptions,
        _ surroundings: Surroundings
    ) async throws -> (JobPause, isNew: Bool) {
        let connection = try await database.connect(surroundings)
        let actor = surroundings.actor
        let result = try await connection.transaction(.readCommitted, attempts: 3) { session in
            try session.query(statements["end_expired"], job)
            guard let row = try session.query(statements["pause"], job, length, actor, why).first else {
                return (try JobPause(session.query(statements["standing_pause"], job)[0]), isNew: false)
            }
            let pause = try JobPause(row)
            try record("job.pause", job, pause, actor, session)
            return (pause, isNew: true)
        }
        await connection.close()
        return result
    }

    /// - Returns: the pause that was ended; nil when none stood.
    static func resume(
        _ job: String,
        _ database: DatabaseOptions,
        _ surroundings: Surroundings
    ) async throws -> JobPause? {
        let connection = try await database.connect(surroundings)
        let actor = surroundings.actor
        let ended = try await connection.transaction(.readCommitted, attempts: 3) { session -> JobPause? in
            try session.query(statements["end_expired"], job)
            guard let row = try session.query(statements["resume"], job, actor).first else { return nil }
            let pause = try JobPause(row)
            try record("job.resume", job, pause, actor, session)
            return pause
        }
        await connection.close()
        return ended
    }

    private static func record(
        _ action: String,
        _ job: String,
        _ pause: JobPause,
        _ actor: String,
        _ session: Session
    ) throws {
        let details = JSONValue.object([
            ("why", .string(pause.why)), ("since", .string(pause.since.rfc3339)),
            ("until", .optional(pause.until?.rfc3339)),
        ])
        try AuditLog.append(
            AuditEvent(
                tenant: nil,
                actor: actor,
                action: action,
                subject: "job:\(job)",
                details: JSONText(details.text)
            ),
            in: session
        )
    }
}

extension JobPause {
    func json(_ job: String, _ isNew: Bool) -> JSONValue {
        .object([
            ("job", .string(job)), ("new", .bool(isNew)), ("since", .string(since.rfc3339)),
            ("until", .optional(until?.rfc3339)), ("actor", .string(actor)), ("why", .string(why)),
        ])
    }
}
