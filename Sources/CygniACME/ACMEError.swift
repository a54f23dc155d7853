/// Why a call to a CA came to nothing.
package enum ACMEError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The CA refused, and said why.
    case problem(ACMEProblem, retryAfter: Duration?)
    /// The CA cannot be reached, does not answer in time, or is out of order.
    case unreachable(String, retryAfter: Duration?)
    /// An answer that makes no sense.
    case malformed(String)
    /// An order or an authorization did not end in time.
    case tooSlow(String)
    /// The CA does not offer what is wanted.
    case unsupported(String)

    package var description: String {
        switch self {
        case .problem(let problem, _): "the CA refused: \(problem)"
        case .unreachable(let why, _): "the CA can't be reached: \(why)"
        case .malformed(let what): "the CA's answer makes no sense: \(what)"
        case .tooSlow(let what): "the CA took too long: \(what)"
        case .unsupported(let what): "the CA does not offer \(what)"
        }
    }

    package var problem: ACMEProblem? {
        if case .problem(let problem, _) = self { problem } else { nil }
    }

    package var retryAfter: Duration? {
        switch self {
        case .problem(_, let pause), .unreachable(_, let pause): pause
        case .malformed, .tooSlow, .unsupported: nil
        }
    }

    /// It speaks of the CA and not of the names: another CA may do, and none of them is to blame.
    package var isOfCA: Bool {
        switch self {
        case .unreachable, .malformed, .tooSlow: true
        case .problem(let problem, _):
            ["serverInternal", "rateLimited"].contains(problem.type) || problem.status >= 500
        case .unsupported: false
        }
    }
}
