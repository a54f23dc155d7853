import Testing

@testable import PlatformAPI

/// The queue in front of the database: its bounds and its turns.
@Suite struct IngestLanesTests {
    private typealias Lanes = IngestLanes<String>

    private func lanes(bytes: Int = 100, laneBytes: Int = 50, writers: Int = 2, laneWriters: Int = 1) -> Lanes {
        Lanes(
            .init(
                bytes: bytes,
                laneBytes: laneBytes,
                writers: writers,
                laneWriters: laneWriters,
                batchRows: 10,
                batchBytes: 40
            )
        )
    }

    private func entry(_ id: Int, rows: Int = 1, bytes: Int = 10, key: String? = nil) -> Lanes.Entry {
        .init(id: id, rows: rows, bytes: bytes, key: key)
    }

    /// What changes the lanes cannot stand in `#expect` itself.
    private func expect(_ isSo: Bool, _ words: Comment? = nil, at place: SourceLocation = #_sourceLocation) {
        #expect(isSo, words, sourceLocation: place)
    }

    @Test func itIsBoundedAsAWholeAndByLane() {
        var lanes = lanes()
        for id in 0..<5 { expect(lanes.add(entry(id), to: "a")) }
        expect(!lanes.add(entry(5), to: "a"), "half is a's")
        for id in 6..<11 { expect(lanes.add(entry(id), to: "b")) }
        expect(!lanes.add(entry(11, bytes: 1), to: "c"), "all of it is taken")
        #expect(lanes.bytes == 100)
        // What is being written counts until it is written.
        guard let batch = lanes.next() else { return #expect(Bool(false)) }
        expect(!lanes.add(entry(12, bytes: 1), to: "c"))
        lanes.finish(batch)
        expect(lanes.bytes == 60 && lanes.add(entry(13), to: "c"))
    }

    @Test func requestsOfOneTimeAreOneBatchInTheirOrder() {
        var lanes = lanes()
        for id in 0..<5 { expect(lanes.add(entry(id), to: "a")) }
        expect(lanes.next()?.entries.map(\.id) == [0, 1, 2, 3])
        // The lane has all its writers.
        expect(lanes.next() == nil)
    }

    @Test func aRequestThatIsLargerThanABatchIsOne() {
        var lanes = lanes()
        expect(lanes.add(entry(1, rows: 50, bytes: 45), to: "a") && lanes.add(entry(2, bytes: 1), to: "a"))
        expect(lanes.next()?.entries.map(\.id) == [1])
    }

    @Test func lanesTakeTurnsAndASlowOneLeavesTheOthersTheirs() {
        var lanes = lanes(bytes: 1000, laneBytes: 500)
        for id in 0..<20 { expect(lanes.add(entry(id), to: "slow")) }
        let slow = lanes.next()
        #expect(slow?.lane == "slow")
        expect(lanes.add(entry(100), to: "a") && lanes.add(entry(200), to: "b"))
        for wanted in [100, 200] {
            guard let batch = lanes.next() else { return #expect(Bool(false)) }
            #expect(batch.entries.map(\.id) == [wanted])
            expect(lanes.next() == nil, "two writers are at work")
            lanes.finish(batch)
        }
        expect(lanes.next() == nil, "what is left is the slow one's")
    }

    @Test func twoOfOneKeyAreNotWrittenTogether() {
        var lanes = lanes()
        expect(lanes.add(entry(1, key: "k"), to: "a") && lanes.add(entry(2, key: "k"), to: "a"))
        guard let first = lanes.next() else { return #expect(Bool(false)) }
        #expect(first.entries.map(\.id) == [1])
        lanes.finish(first)
        expect(lanes.next()?.entries.map(\.id) == [2])
    }

    @Test func whatNobodyWaitsForIsTakenOut() {
        var lanes = lanes()
        expect(lanes.add(entry(1), to: "a") && lanes.add(entry(2), to: "a"))
        expect(lanes.remove(1, from: "a") && !lanes.remove(1, from: "a"))
        guard let batch = lanes.next() else { return #expect(Bool(false)) }
        #expect(batch.entries.map(\.id) == [2])
        expect(!lanes.remove(2, from: "a"), "it is being written")
        lanes.finish(batch)
        expect(lanes.isEmpty && lanes.next() == nil)
    }
}
