package import CygniJobs
import Dispatch
import Glibc

/// Hands SIGTERM, SIGINT and SIGHUP to a run, from the first line of `main` on: one that comes before the run begins is
/// kept for it.
package final class SignalListener {
    private let sources: [any DispatchSourceSignal]

    /// Returns when the listener is in place.
    package init(_ control: RunControl) {
        let queue = DispatchQueue(label: "cygni.signals")
        sources = [SIGTERM, SIGINT, SIGHUP].filter { !Self.isIgnoredHangup($0) }.map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { control.received(signal: number) }
            let registered = DispatchSemaphore(value: 0)
            source.setRegistrationHandler { registered.signal() }
            source.resume()
            // Until Dispatch has put its own handler in place, the signal would end the process.
            registered.wait()
            return source
        }
    }

    /// nohup(1) ignores SIGHUP for its child, which is to stay so.
    private static func isIgnoredHangup(_ number: Int32) -> Bool {
        var current = sigaction()
        guard number == SIGHUP, sigaction(number, nil, &current) == 0 else { return false }
        return unsafeBitCast(current.__sigaction_handler.sa_handler, to: Int.self) == Self.ignored
    }

    private static let ignored = unsafeBitCast(SIG_IGN, to: Int.self)
}
