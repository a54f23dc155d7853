import CygniAudit
import CygniJobs
import CygniLog
import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes
import JobBook
import Logging

/// A run that somebody asks for: on record first, then started.
struct RunNow: Sendable {
    private static let statements = ServerStatements.operations

    let job: KnownJob
    let actor: String
    /// Where the request comes from, for the audit log.
    let origin: [(name: String, value: JSONValue)]
    let server: ServerParts
    let logger: Logger

    /// - Returns: the run's id.
    /// - Throws: ``Problem`` when there is no run: the job has one already, its settings are wrong, its executable is missing.
    func start() async throws -> UUID {
        guard job.name != "migrate" else {
            throw Problem(.conflict, "migrations are not started from here: cygni-migrate up")
        }
        let run = UUID()
        let text = run.text
        let event = AuditEvent(
            tenant: nil,
            actor: actor,
            action: "job.run",
            subject: "job:\(job.name)",
            details: JSONText(JSONValue.object([("run_id", .string(text))] + origin).text)
        )
        let database = server.database
        _ = try await database.platform { session in try AuditLog.append(event, in: session) }
        let outcome: JobStarter.Outcome
        do {
            outcome = try await server.starter.start(job, as: run, logger) {
                try await database.platform(isReading: true) { session in
                    try !session.query(Self.statements["state"], run).isEmpty
                }
            }
        } catch let failure as JobFailure {
            throw Problem(.conflict, failure.description)
        } catch let failure as ChildRun.Failure {
            logger.error(
                "a job could not be started",
                metadata: .init([.job: job.name, .error: failure.description])
            )
            throw Problem(.conflict, "the job could not be started; the server's log tells why")
        }
        switch outcome {
        case .started: return run
        case .refused(let words): throw Problem(.conflict, words)
        }
    }
}
