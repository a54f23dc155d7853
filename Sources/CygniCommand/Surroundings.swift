package import CygniLog
import FoundationEssentials
import Glibc

/// What a process finds around itself, read once at its start; nothing below asks again.
package struct Surroundings: Sendable {
    package let environment: [String: String]
    package let host: String
    package let pid: Int
    package let standardOutput: LineOutput
    package let standardError: LineOutput

    /// This process's own. Also makes a write to a closed pipe an error that can be dropped, instead of a signal.
    package static func current() -> Surroundings {
        signal(SIGPIPE, SIG_IGN)
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return Surroundings(
            environment: ProcessInfo.processInfo.environment,
            host: String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self),
            pid: Int(getpid()),
            standardOutput: .standardOutput,
            standardError: .standardError
        )
    }

    /// Who started this, when nobody said: CI systems set `CI`. Cron sets nothing that tells it from a script, so its lines
    /// say `--trigger cron`, and only then does a run wait its jitter.
    package var trigger: String {
        guard let ci = environment["CI"], !ci.isEmpty, ci != "false", ci != "0" else { return "manual" }
        return "ci"
    }

    /// Whether a line on stderr can be redrawn.
    var canDraw: Bool {
        standardError.isTerminal && environment["TERM"] != "dumb"
    }
}
