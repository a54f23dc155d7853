/// So many may do something at once; who comes later waits.
actor Slots {
    private let limit: Int
    private var taken = 0
    private var queue: [CheckedContinuation<Void, Never>] = []

    init(_ limit: Int) { self.limit = limit }

    func enter() async {
        if taken < limit {
            taken += 1
        } else {
            await withCheckedContinuation { queue.append($0) }
        }
    }

    func leave() {
        if queue.isEmpty { taken -= 1 } else { queue.removeFirst().resume() }
    }
}
