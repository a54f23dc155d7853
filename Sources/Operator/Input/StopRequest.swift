import Glibc
import Synchronization

/// The number of the signal that came; 0 while none has.
private let received = Atomic<Int32>(0)

/// SIGINT or SIGTERM, asked for politely: the batch in hand is finished or undone, and the books are closed.
enum StopRequest {
    /// The signal that came; nil while none has.
    static var signal: Int32? {
        let number = received.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Takes SIGINT and SIGTERM from now on. A second one ends the process at once, as if nobody listened.
    static func listen() {
        // Made before a handler may need it: making it there would not be safe.
        received.store(0, ordering: .relaxed)
        for number in [SIGINT, SIGTERM] {
            var action = sigaction()
            // Without SA_RESTART, so that a read which waits for input comes back.
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
            action.__sigaction_handler.sa_handler = { received.store($0, ordering: .relaxed) }
            sigaction(number, &action, nil)
        }
    }
}
