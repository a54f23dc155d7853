import CygniPostgres

/// The same job runs elsewhere.
struct LockHeld: Error, CustomStringConvertible {
    let job: String
    let holder: String?

    var description: String {
        "job '\(job)' runs elsewhere: \(holder ?? "its lock was let go a moment ago, try again")"
    }
}

extension AdvisoryLockKey {
    /// What all runs of a job contend for in one database.
    init(job: String) {
        self.init("cygni job \(job)")
    }
}

extension AdvisoryLock {
    /// Makes sure that this attempt may have another side effect.
    ///
    /// - Throws: ``LockLost``.
    func verifyForRun() async throws {
        do {
            try await verify()
        } catch let error as AdvisoryLockLost {
            throw LockLost(error.reason)
        }
    }
}
