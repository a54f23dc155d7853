/// What a process tells its caller, as published for users' scripts.
package enum ExitStatus: Hashable, Sendable {
    /// Done, or nothing to do.
    case success
    case failure
    /// Some items failed, the rest are done.
    case partial
    /// A check found pending work or drift.
    case pending
    /// Wrong usage (`EX_USAGE` of sysexits(3)).
    case usage
    /// A service the job needs cannot be reached (`EX_UNAVAILABLE`).
    case unavailable
    /// Not now: the same job runs elsewhere, or is paused (`EX_TEMPFAIL`).
    case tryLater
    /// Wrong configuration (`EX_CONFIG`).
    case configuration
    /// The run's deadline passed, as timeout(1) reports it.
    case timedOut
    /// Stopped by a signal after the books were closed: 128 + its number.
    case signal(Int32)

    /// The number handed to exit(3).
    package var code: Int32 {
        switch self {
        case .success: 0
        case .failure: 1
        case .partial: 2
        case .pending: 3
        case .usage: 64
        case .unavailable: 69
        case .tryLater: 75
        case .configuration: 78
        case .timedOut: 124
        case .signal(let number): 128 + number
        }
    }
}
