import Glibc

/// A POSIX thread that nobody joins, for a C library's loop that must have one of its own (pthread_create(3)).
package enum DetachedThread {
    /// There was no room for another thread.
    package struct Fault: Error, CustomStringConvertible {
        package let description: String
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Runs `body` on a new thread, which ends with it.
    package static func start(_ body: @escaping @Sendable () -> Void) throws(Fault) {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Body(body))
        let status = pthread_create(
            &thread,
            nil,
            { context in
                if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            },
            context.toOpaque()
        )
        guard status == 0 else {
            context.release()
            throw Fault(description: "failed to start a thread: \(String(cString: strerror(status)))")
        }
        pthread_detach(thread)
    }
}
