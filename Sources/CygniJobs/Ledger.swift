import CygniPostgres

/// The statements over `cygni.job_runs` and `cygni.job_fences`, typed.
enum Ledger {
    private static let statements = StatementFile("job_runs", PackageResources.job_runs_sql)

    /// Holds the fence's row for the length of the transaction, so that no later run can raise it meanwhile.
    ///
    /// - Throws: ``LockLost`` when a later run has raised it already.
    static func holdFence(_ fence: Int64?, of job: String, in session: Session) throws {
        let rows = try session.queryPrepared(statements["hold_fence"], job)
        let current = try rows.first?.get("fence", as: Int.self)
        guard let fence, current == Int(fence) else {
            throw LockLost("a later run has taken over", isTakenOver: true)
        }
    }
}
