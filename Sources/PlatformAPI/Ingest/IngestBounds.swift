import CygniModel

/// What one row of an ingest may be, at most.
struct IngestBounds: Sendable {
    /// Of a request.
    static let rows = 10_000
    /// Bytes.
    static let message = 65_536
    static let fields = 65_536
    static let level = 32
    static let metric = 255

    /// The server's now: the time of a row that has none.
    let now: Timestamp
    let past: Duration
    let future: Duration

    /// - Returns: the rule that a row's time breaks; nil: none.
    func broken(by time: Timestamp) -> String? {
        if time < now - past { return "must not be before \((now - past).rfc3339): 'ingest.past' allows no older one" }
        if time > now + future { return "must not be after \((now + future).rfc3339), by the server's clock" }
        return nil
    }
}

/// What is wrong with rows, up to as many as an answer tells.
struct IngestFaults: Sendable {
    private static let most = 100
    private(set) var faults: [Problem.Fault] = []
    var isFull: Bool { faults.count >= Self.most }

    /// - Parameter place: a JSON Pointer; lines count as the items of an array.
    mutating func add(_ place: String, _ rule: String) {
        if !isFull { faults.append(Problem.Fault(place, rule)) }
    }

    /// - Throws: ``Problem``, if there is any.
    func raise() throws {
        guard faults.isEmpty else {
            throw Problem(.invalidRequest, "nothing of it was taken", faults: faults)
        }
    }
}
