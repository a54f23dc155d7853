import CygniAudit
package import CygniJobs
package import CygniModel
package import CygniPostgres

/// The pauses in the database, each with its entry in the audit log. Every call is part of its caller's transaction.
package enum PauseBook {
    private static let statements = StatementFile("job_book", PackageResources.job_book_sql)

    /// - Parameters:
    ///   - length: microseconds; nil: until somebody ends it.
    ///   - details: more for the audit log.
    /// - Returns: the pause that stands now, and whether it is this call's.
    package static func pause(
        _ job: String,
        for length: Int64?,
        why: String,
        by actor: String,
        details: [(name: String, value: JSONValue)] = [],
        in session: Session
    ) throws -> (JobPause, isNew: Bool) {
        try session.query(statements["end_expired"], job)
        guard let row = try session.query(statements["pause"], job, length, actor, why).first else {
            return (try JobPause(session.query(statements["standing_pause"], job)[0]), isNew: false)
        }
        let pause = try JobPause(row)
        try record("job.pause", job, pause, actor, details, session)
        return (pause, isNew: true)
    }

    /// - Returns: the pause that was ended; nil when none stood.
    package static func resume(
        _ job: String,
        by actor: String,
        details: [(name: String, value: JSONValue)] = [],
        in session: Session
    ) throws -> JobPause? {
        try session.query(statements["end_expired"], job)
        guard let row = try session.query(statements["resume"], job, actor).first else { return nil }
        let pause = try JobPause(row)
        try record("job.resume", job, pause, actor, details, session)
        return pause
    }

    private static func record(
        _ action: String,
        _ job: String,
        _ pause: JobPause,
        _ actor: String,
        _ more: [(name: String, value: JSONValue)],
        _ session: Session
    ) throws {
        let details = JSONValue.object(
            [
                ("why", .string(pause.why)), ("since", .string(pause.since.rfc3339)),
                ("until", .optional(pause.until?.rfc3339)),
            ] + more
        )
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
    package func json(_ job: String, _ isNew: Bool) -> JSONValue {
        .object([
            ("job", .string(job)), ("new", .bool(isNew)), ("since", .string(since.rfc3339)),
            ("until", .optional(until?.rfc3339)), ("actor", .string(actor)), ("why", .string(why)),
        ])
    }
}
