import CygniHTTP
import CygniLog
import CygniModel
import CygniObjectStore
import CygniTestSupport
import Testing

/// Each kind of store there is, as the conformance suite takes it.
enum StoreUnderTest: String, CaseIterable, Sendable {
    case folder, pathStyle, virtualHost

    /// A store of the test's own, empty.
    func make(retry: RetryPolicy = RetryPolicy()) async throws -> (store: any ObjectStore, keep: TemporaryFolder) {
        let folder = try TemporaryFolder()
        guard self != .folder else { return (FolderStore(root: folder.file("objects")), folder) }
        let moto = try await PythonPeer.moto()
        let bucket = try await Bucket.make(on: moto)
        // libcurl takes every name below localhost for loopback (RFC 6761, 6.3).
        let endpoint = self == .pathStyle ? moto.url : "http://s3.localhost:\(moto.port)"
        return (try Bucket.store(bucket, endpoint, pathStyle: self == .pathStyle, retry: retry), folder)
    }
}

/// Buckets of the shared moto.
enum Bucket {
    static func make(on moto: PythonPeer) async throws -> String {
        let name = "test-\(UInt32.random(in: 0 ... .max))"
        var configuration = HTTPClient.Configuration()
        configuration.addresses = .any
        let client = try HTTPClient(configuration)
        let authorization =
            "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=0"
        let response = try await client.send(
            HTTPRequest("PUT", "\(moto.url)/\(name)", headers: [("authorization", authorization)])
        )
        try #require(response.status == 200)
        return name
    }

    static func store(
        _ bucket: String,
        _ endpoint: String,
        pathStyle: Bool = true,
        retry: RetryPolicy = RetryPolicy()
    ) throws -> S3Store {
        var s3 = S3Configuration(
            bucket: bucket,
            endpoint: endpoint,
            accessKey: Secret("key"),
            secretKey: Secret("secret"),
            now: { .wallClock() }
        )
        s3.pathStyle = pathStyle
        s3.prefix = "some prefix/"
        s3.partSize = 5 << 20
        s3.retry = retry
        var configuration = HTTPClient.Configuration()
        configuration.addresses = .any
        return S3Store(s3, client: try HTTPClient(configuration))
    }
}
