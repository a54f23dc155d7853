import CygniLog
import Logging
import Synchronization

/// The end of what a run logs, until its books take it: whole lines, of which the oldest go first.
final class RunLog: Sendable {
    /// Bytes.
    static let limit = 64 << 10

    fileprivate struct State {
        var lines: [String] = []
        var size = 0
        /// Lines that had to go.
        var dropped = 0
    }

    private let state = Mutex(State())

    /// A handler that logs as `base` does and keeps a copy here.
    func copying(_ base: any LogHandler) -> CopyingLogHandler {
        CopyingLogHandler(base) { [self] line in append(line) }
    }

    func append(_ line: String) {
        state.withLock { state in
            guard line.utf8.count < Self.limit / 4 else { return state.dropped += 1 }
            state.lines.append(line)
            state.size += line.utf8.count + 1
            state.trim()
        }
    }

    /// What was logged since it was last taken, each line with its line break; nil: nothing.
    func take() -> String? {
        state.withLock { state in
            guard !state.lines.isEmpty || state.dropped > 0 else { return nil }
            defer { state = State() }
            let gap =
                state.dropped == 0
                ? [] : [#"{"level":"notice","message":"\#(state.dropped) lines were too many or too long to be kept"}"#]
            return (gap + state.lines).map { $0 + "\n" }.joined()
        }
    }

    /// For what the books could not take; it comes again before all that is newer.
    func putBack(_ text: String) {
        let old = text.split(separator: "\n").map(String.init)
        state.withLock { state in
            state.lines = old + state.lines
            state.size += text.utf8.count
            state.trim()
        }
    }
}

extension RunLog.State {
    fileprivate mutating func trim() {
        guard size > RunLog.limit else { return }
        var count = 0
        while size > RunLog.limit {
            size -= lines[count].utf8.count + 1
            count += 1
        }
        lines.removeFirst(count)
        dropped += count
    }
}
