import ArgumentParser
import CygniModel

/// How long to wait, for another run and for tables; each wins over the job's settings.
struct PatienceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long to wait while another run migrates the database, as in 90s, 5m (default: lock_wait of the job's "
                + "settings; 5m without such a file).",
            valueName: "duration"
        )
    )
    var wait: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "How long a statement waits for a lock, and so at most how long readers queue behind it (default: 500ms).",
            valueName: "duration"
        )
    )
    var lockTimeout: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "For how long a file that could not have a lock is tried again; 0s: not at all (default: 5m).",
            valueName: "duration"
        )
    )
    var lockRetry: DurationArgument?

    init() {}

    func apply(to target: inout MigrateTarget) {
        if let wait { target.wait = wait.duration }
        if let lockTimeout { target.patience.timeout = lockTimeout.duration }
        if let lockRetry { target.patience.retry = lockRetry.duration }
    }
}

/// A duration as the configuration writes it: `500ms`, `5m`.
struct DurationArgument: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        guard let duration = Duration(parsing: argument) else { return nil }
        self.duration = duration
    }
}
