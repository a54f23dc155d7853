import CygniHTTP
import CygniLog
import CygniModel
import CygniObjectStore
import CygniTestSupport
import Testing

/// What settings say about new objects arrives at the service.
struct S3SettingTests {
    @Test func `server-side encryption and retention are set on each object, whole or in parts`() async throws {
        let moto = try await PythonPeer.moto()
        var open = HTTPClient.Configuration()
        open.addresses = .any
        let client = try HTTPClient(open)
        let bucket = "locked-\(UInt32.random(in: 0 ... .max))"
        let authorization =
            "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=0"
        let made = try await client.send(
            HTTPRequest(
                "PUT",
                "\(moto.url)/\(bucket)",
                headers: [("authorization", authorization), ("x-amz-bucket-object-lock-enabled", "true")]
            )
        )
        try #require(made.status == 200)
        var s3 = S3Configuration(
            bucket: bucket,
            endpoint: moto.url,
            accessKey: Secret("key"),
            secretKey: Secret("secret"),
            now: { .wallClock() }
        )
        s3.pathStyle = true
        s3.partSize = 5 << 20
        s3.serverSideEncryption = "AES256"
        s3.lock = S3Configuration.ObjectLock(mode: "GOVERNANCE", retain: .days(30))
        let store = S3Store(s3, client: client)
        try await store.put("whole", .bytes([1]), .ifAbsent)
        let large = OneTime([UInt8](repeating: 1, count: 11 << 20))
        try await store.put("parts", .stream { large.take() }, .ifAbsent)
        for key in ["whole", "parts"] {
            let head = try await client.send(
                HTTPRequest("HEAD", "\(moto.url)/\(bucket)/\(key)", headers: [("authorization", authorization)])
            )
            #expect(head.header("x-amz-server-side-encryption") == "AES256", "\(key)")
            // moto keeps no retention of an object in parts; its headers are the same ones as the encryption's.
            if key == "parts" { continue }
            #expect(head.header("x-amz-object-lock-mode") == "GOVERNANCE", "\(key)")
            #expect(head.header("x-amz-object-lock-retain-until-date") != nil, "\(key)")
        }
    }
}
