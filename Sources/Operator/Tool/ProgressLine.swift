import CygniLog

/// The state of a long command, on one line of a terminal; elsewhere nothing.
final class ProgressLine {
    private let output = LineOutput.standardError
    private let clock = ContinuousClock()
    private var lastDrawn: ContinuousClock.Instant

    init() {
        lastDrawn = clock.now
    }

    /// Draws at most five times a second.
    func show(_ text: @autoclosure () -> String) {
        guard output.isTerminal, clock.now - lastDrawn > .milliseconds(200) else { return }
        lastDrawn = clock.now
        // The last column stays free: a full line would wrap.
        output.show(status: String(text().prefix(max(0, (output.width ?? 80) - 1))))
    }

    func clear() {
        if output.isTerminal { output.show(status: "") }
    }
}
