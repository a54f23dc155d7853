import Synchronization

/// What is to be done at a time unless it is taken back before, as it mostly is.
///
/// A sleeping task for each would stay with the timers until its time even when it was cancelled: at thousands of requests a
/// second that are hundreds of thousands. Here one look every 20 ms serves all, and none while there is nothing to wait for.
final class Deadlines: Sendable {
    static let shared = Deadlines()
    private static let interval = Duration.milliseconds(20)

    private struct Entry {
        let at: ContinuousClock.Instant
        let call: @Sendable () -> Void
    }

    private struct State {
        var entries: [Int: Entry] = [:]
        var count = 0
        var isLooking = false
    }

    private let state = Mutex(State())

    /// - Parameter call: must not take long, as others wait for it.
    /// - Returns: the number to take it back with.
    func add(after limit: Duration, _ call: @escaping @Sendable () -> Void) -> Int {
        let entry = Entry(at: .now + limit, call: call)
        let (number, mustLook) = state.withLock { state in
            state.count += 1
            state.entries[state.count] = entry
            defer { state.isLooking = true }
            return (state.count, !state.isLooking)
        }
        if mustLook { lookLater() }
        return number
    }

    /// A call that is being made is not stopped.
    func remove(_ number: Int) {
        state.withLock { state in _ = state.entries.removeValue(forKey: number) }
    }

    private func lookLater() {
        Task.detached { [self] in
            repeat { try? await Task.sleep(for: Self.interval) } while look()
        }
    }

    /// - Returns: whether there is anything left to wait for.
    private func look() -> Bool {
        let now = ContinuousClock.now
        let (due, isLooking) = state.withLock { state in
            let due = state.entries.filter { $0.value.at <= now }
            for number in due.keys { state.entries[number] = nil }
            state.isLooking = !state.entries.isEmpty
            return (due.values.map(\.call), state.isLooking)
        }
        for call in due { call() }
        return isLooking
    }
}
