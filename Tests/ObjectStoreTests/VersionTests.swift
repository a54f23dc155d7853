import CygniHTTP
import CygniModel
import CygniObjectStore
import CygniTestSupport
import Testing

/// Objects of a bucket that keeps versions.
struct VersionTests {
    private static let authorization =
        "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=0"

    private func send(_ method: String, _ url: String, _ body: HTTPBody = .none) async throws -> HTTPResponse {
        var open = HTTPClient.Configuration()
        open.addresses = .any
        return try await HTTPClient(open).send(
            HTTPRequest(method, url, headers: [("authorization", Self.authorization)], body: body)
        )
    }

    @Test func `deleting versions leaves nothing of a key, and everything of others`() async throws {
        let moto = try await PythonPeer.moto()
        let bucket = try await Bucket.make(on: moto)
        let status = Array("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>".utf8)
        #expect(try await send("PUT", "\(moto.url)/\(bucket)?versioning", .bytes(status)).status == 200)
        let store = try Bucket.store(bucket, moto.url)
        for number in 1...3 { try await store.put("a", .bytes([UInt8(number)]), .replace) }
        try await store.put("ab", .bytes([9]), .replace)
        // A marker hides the versions and keeps them.
        #expect(try await store.delete(["a"]).isEmpty)
        try await store.put("a", .bytes([4]), .replace)
        #expect(try await store.deleteVersions(["a", "none"]).isEmpty)
        let left = try await send("GET", "\(moto.url)/\(bucket)?versions")
        let text = try await String(decoding: left.body.collect(upTo: 1 << 20), as: UTF8.self)
        #expect(text.split(separator: "<VersionId>").count == 2, "\(text)")
        #expect(text.contains("<Key>some prefix/ab</Key>"), "\(text)")
    }
}
