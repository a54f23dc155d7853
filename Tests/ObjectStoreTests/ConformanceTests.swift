import CygniHTTP
import CygniModel
import CygniObjectStore
import CygniTestSupport
import Foundation
import Synchronization
import Testing

/// What every store does alike.
struct ConformanceTests {
    @Test(arguments: StoreUnderTest.allCases)
    func `what is put is had back, whole and in parts`(kind: StoreUnderTest) async throws {
        let (store, keep) = try await kind.make()
        defer { withExtendedLifetime(keep) {} }
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        #expect(try await store.put("a/b", .bytes(bytes), .ifAbsent) == .stored)
        #expect(try await store.get("a/b").collect(upTo: 1 << 20) == bytes)
        #expect(try await store.get("a/b", range: 10..<20).collect(upTo: 100) == Array(bytes[10..<20]))
        let tail = try await store.get("a/b", range: 99_990..<200_000)
        #expect(tail.size == 100_000)
        #expect(try await tail.collect(upTo: 100) == Array(bytes[99_990...]))
        await #expect(throws: ObjectStoreError.self) { try await store.get("a/b", range: 100_000..<100_001) }
        #expect(try await store.head("a/b")?.size == 100_000)
        #expect(try await store.head("a/c") == nil)
        await #expect { try await store.get("a/c") } throws: { ($0 as? ObjectStoreError)?.kind == .notFound }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func `what is put with proof is there`(kind: StoreUnderTest) async throws {
        let (store, keep) = try await kind.make()
        defer { withExtendedLifetime(keep) {} }
        #expect(try await store.putProven("a", [1, 2, 3]))
        #expect(try await store.putProven("a", []))
        #expect(try await store.get("a").collect(upTo: 10) == [])
    }

    @Test(arguments: StoreUnderTest.allCases)
    func `an object is made once, unless it is to be replaced`(kind: StoreUnderTest) async throws {
        let (store, keep) = try await kind.make()
        defer { withExtendedLifetime(keep) {} }
        #expect(try await store.put("k", .bytes([1]), .ifAbsent) == .stored)
        #expect(try await store.put("k", .bytes([2]), .ifAbsent) == .exists)
        #expect(try await store.get("k").collect(upTo: 10) == [1])
        #expect(try await store.put("k", .bytes([3]), .replace) == .stored)
        #expect(try await store.get("k").collect(upTo: 10) == [3])
        let stored = await withTaskGroup(of: PutResult?.self) { group in
            for number in 0..<10 {
                group.addTask { try? await store.put("race", .bytes([UInt8(number)]), .ifAbsent) }
            }
            return await group.reduce(into: 0) { count, result in count += result == .stored ? 1 : 0 }
        }
        #expect(stored == 1)
    }

    @Test(arguments: StoreUnderTest.allCases, [0, 1, 5 << 20, 12 << 20])
    func `streams and files of any length`(kind: StoreUnderTest, size: Int) async throws {
        let (store, keep) = try await kind.make()
        defer { withExtendedLifetime(keep) {} }
        let left = Mutex(size)
        let stream = ObjectBody.stream {
            let count = left.withLock { left in
                let count = min(left, 700_001)
                left -= count
                return count
            }
            return count == 0 ? nil : [UInt8](repeating: 9, count: count)
        }
        #expect(try await store.put("stream", stream, .ifAbsent) == .stored)
        #expect(try await store.head("stream")?.size == Int64(size))
        let path = try keep.write(Data(repeating: 8, count: size + 10), to: "source")
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        let file = HTTPFile(descriptor: descriptor, offset: 10, length: Int64(size))
        #expect(try await store.put("file", .file(file, sha256: nil), .ifAbsent) == .stored)
        #expect(try await store.put("file", .file(file, sha256: nil), .ifAbsent) == .exists)
        #expect(try await store.get("file").collect(upTo: size + 1) == [UInt8](repeating: 8, count: size))
        #expect(try await store.strayUploads("", before: Timestamp(seconds: 4_000_000_000)).isEmpty)
    }

    @Test(arguments: StoreUnderTest.allCases)
    func `keys of every kind`(kind: StoreUnderTest) async throws {
        let (store, keep) = try await kind.make()
        defer { withExtendedLifetime(keep) {} }
        let keys = [
            "plain", "with space", "plus+plus", "ünïcödé/日本", "a&b<c>\"d'", "percent%41", "dots/../up", "q?x=1#f",
            "~tilde",
            "semi;colon", "dots/./here", "back\\slash", "dollar$", "comma,", "at@", "equal=",
        ]
        for key in keys { try await store.put(key, .bytes(Array(key.utf8)), .ifAbsent) }
        for key in keys { #expect(try await store.get(key).collect(upTo: 100) == Array(key.utf8)) }
        let sorted = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        #expect(try await store.all("").map(\.key) == sorted)
        #expect(try await store.all("dots/").map(\.key) == ["dots/../up", "dots/./here"])
        #expect(try await store.all("none").isEmpty)
        #expect(try await store.delete(keys).isEmpty)
        #expect(try await store.all("").isEmpty)
    }

    @Test(arguments: StoreUnderTest.allCases)
    func `lists go on page by page, deletions batch by batch`(kind: StoreUnderTest) async throws {
        let (store, keep) = try await kind.make()
        defer { withExtendedLifetime(keep) {} }
        let keys = (0..<1005).map { "n/\($0 % 7)/\($0)" }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for start in stride(from: 0, to: keys.count, by: 101) {
                group.addTask {
                    for key in keys[start..<min(start + 101, keys.count)] {
                        try await store.put(key, .bytes([1]), .ifAbsent)
                    }
                }
            }
            try await group.waitForAll()
        }
        let first = try await store.list("n/", token: nil)
        #expect(first.objects.count == 1000)
        #expect(first.token != nil)
        let all = try await store.all("n/").map(\.key)
        #expect(all == keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        #expect(try await store.delete(keys + ["not there"]).isEmpty)
        #expect(try await store.all("").isEmpty)
    }

    @Test(arguments: StoreUnderTest.allCases)
    func `a body that breaks off leaves nothing behind`(kind: StoreUnderTest) async throws {
        struct Broken: Error {}
        let (store, keep) = try await kind.make()
        defer { withExtendedLifetime(keep) {} }
        let left = Mutex(20)
        await #expect(throws: Broken.self) {
            try await store.put(
                "broken",
                .stream {
                    let number = left.withLock { left in
                        left -= 1
                        return left
                    }
                    if number < 0 { throw Broken() }
                    return [UInt8](repeating: 1, count: 1 << 20)
                },
                .ifAbsent
            )
        }
        #expect(try await store.head("broken") == nil)
        #expect(try await store.strayUploads("", before: Timestamp(seconds: 4_000_000_000)).isEmpty)
    }
}
