import CygniModel

/// How one job ended that `cygni run` or `cygni cycle` started, or why it was not started.
struct RunResult: Sendable {
    let job: String
    var slot: Timestamp?
    /// nil: not started.
    var status: Int32?
    var reason: String?

    /// Done, or nothing to do.
    var isGood: Bool { status == 0 || status == 2 }
    /// Not now: paused, runs elsewhere, waits for another job.
    var isLater: Bool { status == ExitStatus.tryLater.code }

    var json: JSONValue {
        .object([
            ("job", .string(job)), ("slot", .optional(slot?.rfc3339)),
            ("exit_status", status.map { .integer(Int($0)) } ?? .null), ("reason", .optional(reason)),
        ])
    }

    var text: String {
        let what = slot.map { "\(job), slot \($0.rfc3339)" } ?? job
        return "\(what): \(reason ?? status.map { $0 == 0 ? "done" : "exit status \($0)" } ?? "not started")"
    }
}

extension [RunResult] {
    /// The status for all: nothing but good ones is 0, good and bad together 2, none but such as must wait 75.
    var status: ExitStatus {
        let bad = filter { !$0.isGood && !$0.isLater }
        if bad.isEmpty { return contains(where: \.isLater) && !contains(where: \.isGood) ? .tryLater : worst }
        return contains(where: \.isGood) ? .partial : .failure
    }

    private var worst: ExitStatus { contains { $0.status == 2 } ? .partial : .success }

    var json: JSONValue { .object([("runs", .array(map(\.json))), ("exit_status", .integer(Int(status.code)))]) }
}
