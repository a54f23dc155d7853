import Testing

@testable import PlatformAPI

@Suite struct LargeRequestTests {
    /// A body may be larger than a lane's share, and than the whole queue; it is taken when nothing is in its way.
    @Test func largerThanItsShare() {
        var lanes = IngestLanes<String>(.init(bytes: 100, laneBytes: 50, writers: 2, laneWriters: 1))
        let whole = lanes.add(.init(id: 1, rows: 1, bytes: 300, key: nil), to: "acme")
        let behind = lanes.add(.init(id: 2, rows: 1, bytes: 1, key: nil), to: "acme")
        #expect(whole && !behind)
        if let batch = lanes.next() { lanes.finish(batch) }
        #expect(lanes.isEmpty)
        let share = lanes.add(.init(id: 3, rows: 1, bytes: 60, key: nil), to: "acme")
        let other = lanes.add(.init(id: 4, rows: 1, bytes: 40, key: nil), to: "bolt")
        #expect(share && other && !lanes.hasRoom(for: 1, in: "acme"))
    }
}
