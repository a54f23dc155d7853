import CygniHTTP
import CygniModel
import CygniObjectStore
import CygniTestSupport
import Testing

/// S3 behind a proxy of ours that spoils answers.
struct S3FaultTests {
    private static let retry = RetryPolicy(
        attempts: 4,
        backoff: Backoff(base: .milliseconds(1), longest: .milliseconds(2))
    )

    private func proxied(_ rules: String) async throws -> (S3Store, PythonPeer) {
        let moto = try await PythonPeer.moto()
        let bucket = try await Bucket.make(on: moto)
        let folder = try TemporaryFolder()
        try folder.write(rules, to: "rules")
        let proxy = try await PythonPeer.script(
            "faulty_proxy",
            ["127.0.0.1", "\(moto.port)", folder.file("rules")],
            folder: folder
        )
        return (try Bucket.store(bucket, proxy.url, retry: Self.retry), proxy)
    }

    @Test(arguments: ["500", "503", "slow", "reset", "lost"])
    func `faults of the moment are overcome`(fault: String) async throws {
        let (store, proxy) = try await proxied(#"{"contains": "/k", "fault": "\#(fault)", "times": 2}"#)
        defer { withExtendedLifetime(proxy) {} }
        let result = try await store.put("k", .bytes([1, 2]), .ifAbsent)
        // Whether the first try made it nobody can say when its answer was lost; the object is there once in any case.
        #expect(result == (fault == "lost" ? .exists : .stored))
        #expect(try await store.get("k").collect(upTo: 10) == [1, 2])
    }

    @Test(arguments: ["500", "slow", "reset"])
    func `a fault that stays is told with the key and the place`(fault: String) async throws {
        let (store, proxy) = try await proxied(#"{"contains": "/k", "fault": "\#(fault)", "times": 100}"#)
        defer { withExtendedLifetime(proxy) {} }
        await #expect { try await store.put("k", .bytes([1]), .ifAbsent) } throws: { error in
            guard let error = error as? ObjectStoreError else { return false }
            return error.description.contains("put 'k'") && error.description.contains("s3://")
                && (error.kind == .unavailable || error.kind == .garbled)
        }
    }

    @Test func `a cut-off body is an error and never a short object`() async throws {
        let (store, proxy) = try await proxied(#"{"method": "GET", "contains": "/k", "fault": "cut"}"#)
        defer { withExtendedLifetime(proxy) {} }
        try await store.put("k", .bytes([UInt8](repeating: 1, count: 1000)), .ifAbsent)
        let download = try await store.get("k")
        await #expect { try await download.collect(upTo: 2000) } throws: { ($0 as? ObjectStoreError)?.kind == .garbled }
    }

    @Test(arguments: ["html", "cut"])
    func `an answer that is no list is not an empty one`(fault: String) async throws {
        let (store, proxy) = try await proxied(
            #"{"method": "GET", "contains": "list-type", "fault": "\#(fault)", "times": 9}"#
        )
        defer { withExtendedLifetime(proxy) {} }
        await #expect { try await store.all("") } throws: { ($0 as? ObjectStoreError)?.kind == .garbled }
    }

    @Test func `an upload in parts that cannot be completed is aborted`() async throws {
        let (store, proxy) = try await proxied(
            #"{"method": "PUT", "contains": "partNumber=2", "fault": "403", "times": 9}"#
        )
        defer { withExtendedLifetime(proxy) {} }
        let body = [UInt8](repeating: 1, count: 12 << 20)
        let sent = OneTime(body)
        await #expect(throws: ObjectStoreError.self) { try await store.put("k", .stream { sent.take() }, .ifAbsent) }
        #expect(try await store.strayUploads("", before: Timestamp(seconds: 4_000_000_000)).isEmpty)
        #expect(try await store.head("k") == nil)
    }
}
