/// What waits to be written, by lane: which request may come in, and what is written next. A pure value.
///
/// A lane is one tenant's rows of one table. Lanes take turns, and none has all writers: one that is slow, or whose every batch
/// fails, leaves the others theirs.
struct IngestLanes<Lane: Hashable & Sendable>: Sendable {
    struct Entry: Hashable, Sendable {
        let id: Int
        let rows: Int
        let bytes: Int
        /// Two requests with the same one are not written together.
        let key: String?
    }

    struct Batch: Hashable, Sendable {
        let lane: Lane
        let entries: [Entry]
    }

    struct Limits: Hashable, Sendable {
        /// Bytes that wait or are being written.
        var bytes: Int
        /// Of those, one lane's.
        var laneBytes: Int
        var writers: Int
        var laneWriters: Int
        /// Of a batch. One request is one, however large.
        var batchRows = 5_000
        var batchBytes = 8 << 20
    }

    private struct Queue {
        var waiting: [Entry] = []
        var bytes = 0
        var writers = 0
    }

    private let limits: Limits
    private var lanes: [Lane: Queue] = [:]
    /// Those that have something waiting, the next one first.
    private var turns: [Lane] = []
    private(set) var bytes = 0
    private var writers = 0

    init(_ limits: Limits) { self.limits = limits }

    var isEmpty: Bool { bytes == 0 && writers == 0 }

    /// A request that is larger than its share gets in when nothing of its lane is there: it would never be taken otherwise.
    func hasRoom(for size: Int, in lane: Lane) -> Bool {
        let own = lanes[lane]?.bytes ?? 0
        guard own > 0 else { return bytes == 0 || bytes + size <= limits.bytes }
        return bytes + size <= limits.bytes && own + size <= limits.laneBytes
    }

    /// - Returns: false when there is no room.
    mutating func add(_ entry: Entry, to lane: Lane) -> Bool {
        guard hasRoom(for: entry.bytes, in: lane) else { return false }
        if lanes[lane, default: Queue()].waiting.isEmpty { turns.append(lane) }
        lanes[lane, default: Queue()].waiting.append(entry)
        lanes[lane, default: Queue()].bytes += entry.bytes
        bytes += entry.bytes
        return true
    }

    /// What is to be written now; nil: nothing, or all writers are at work.
    mutating func next() -> Batch? {
        guard writers < limits.writers,
            let turn = turns.firstIndex(where: { (lanes[$0]?.writers ?? 0) < limits.laneWriters })
        else { return nil }
        let lane = turns.remove(at: turn)
        guard var queue = lanes[lane] else { return nil }
        var taken: [Entry] = []
        var (rows, size, keys) = (0, 0, Set<String>())
        for entry in queue.waiting {
            let isFirst = taken.isEmpty
            guard isFirst || rows + entry.rows <= limits.batchRows && size + entry.bytes <= limits.batchBytes else {
                break
            }
            if let key = entry.key, !keys.insert(key).inserted { break }
            taken.append(entry)
            rows += entry.rows
            size += entry.bytes
        }
        queue.waiting.removeFirst(taken.count)
        queue.writers += 1
        writers += 1
        lanes[lane] = queue
        if !queue.waiting.isEmpty { turns.append(lane) }
        return Batch(lane: lane, entries: taken)
    }

    /// A batch was written, or failed.
    mutating func finish(_ batch: Batch) {
        writers -= 1
        lanes[batch.lane]?.writers -= 1
        release(batch.entries.reduce(0) { $0 + $1.bytes }, of: batch.lane)
    }

    /// Takes out a request that nobody waits for any more; one that is being written stays.
    ///
    /// - Returns: whether it still waited.
    mutating func remove(_ id: Int, from lane: Lane) -> Bool {
        guard let place = lanes[lane]?.waiting.firstIndex(where: { $0.id == id }) else { return false }
        let entry = lanes[lane]?.waiting.remove(at: place)
        if lanes[lane]?.waiting.isEmpty == true { turns.removeAll { $0 == lane } }
        release(entry?.bytes ?? 0, of: lane)
        return true
    }

    private mutating func release(_ size: Int, of lane: Lane) {
        bytes -= size
        lanes[lane]?.bytes -= size
        if let queue = lanes[lane], queue.waiting.isEmpty, queue.writers == 0 { lanes[lane] = nil }
    }
}
