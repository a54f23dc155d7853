/// One job: it decides a plan from facts, then applies it.
///
/// Everything around that is the runner's.
/// A job never reads the environment, the arguments or the clock, and never logs its own failure: it throws, and
/// ``JobRunner`` reports. Both functions may run again in the same run, on a new connection, after a transient failure; so
/// what `apply` does is idempotent, and `plan` leaves out what is done already.
package protocol Job: Sendable {
    associatedtype Plan: JobPlan

    /// `metrics-rollup`: names the lock, the ledger's rows and the textfile.
    static var name: String { get }

    /// The number of the newest platform migration this job relies on; an older database is refused.
    static var requiredMigration: Int { get }

    /// Whether hosts may run it at the same time. Each then takes a part of the work, by claims in the database; on one host
    /// one run goes on at a time.
    static var isShared: Bool { get }

    /// Reads facts with ``JobContext/read(_:)`` and decides, as a pure function of them, what to do. Changes nothing: a dry
    /// run calls this same function and stops.
    func plan(_ context: JobContext) async throws -> Plan

    /// Does what the plan says, one ``JobContext/perform(_:_:)`` per item.
    func apply(_ plan: Plan, _ context: JobContext) async throws
}

extension Job {
    package static var requiredMigration: Int { PlatformSchema.ofRuntime }
    package static var isShared: Bool { false }
}
