import CygniACME
import CygniJobs
import CygniPostgres

/// http-01 answered by the platform's API server, from `cygni.acme_challenges`.
struct DatabaseTokens: ChallengeResponder {
    let context: JobContext

    func present(_ task: ChallengeTask) async throws {
        try await context.transaction { session in
            _ = try session.query(
                CertificateBook.statements["challenge"],
                task.token,
                task.name.identifier.value,
                task.keyAuthorization
            )
        }
    }

    func withdraw(_ task: ChallengeTask) async throws {
        try await context.transaction { session in
            _ = try session.query(CertificateBook.statements["end_challenge"], task.token)
        }
    }
}
