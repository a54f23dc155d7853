import CygniJobs
import CygniACME
import CygniModel

/// Why an attempt failed, as it is kept: a stable code, words for a person, and what the CA said, word for word.
enum FailureRecord {
    static func code(_ error: any Error) -> String {
        switch error {
        case let error as Unfit: error.reason.rawValue
        case let error as Held: error.reason.rawValue
        case let error as ValidationFailure: "validation_\(snake(error.problem.type))"
        case let error as ACMEError:
            switch error {
            case .problem(let problem, _): "ca_\(snake(problem.type))"
            case .unreachable: "ca_unreachable"
            case .malformed: "ca_malformed"
            case .tooSlow: "ca_too_slow"
            case .unsupported: "ca_unsupported"
            }
        case is ChallengeFault, is Program.Failure: "challenge_not_answered"
        default: "failed"
        }
    }

    static func json(_ error: any Error, authority: String? = nil) -> JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("code", .string(code(error))), ("words", .string(Redacted.words(error))),
        ]
        if let authority { members.append(("authority", .string(authority))) }
        let problem = (error as? ACMEError)?.problem ?? (error as? ValidationFailure)?.problem ?? error as? ACMEProblem
        if let problem {
            members.append(("type", .string(problem.type)))
            members.append(("document", .string(problem.text)))
        }
        return .object(members)
    }

    /// `rateLimited` as `rate_limited`.
    private static func snake(_ type: String) -> String {
        let name = type.split(separator: ":").last.map(String.init) ?? type
        return name.reduce(into: "") { text, character in
            if character.isUppercase { text += "_" + character.lowercased() } else { text.append(character) }
        }
    }
}
