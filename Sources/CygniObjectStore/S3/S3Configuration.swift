package import CygniHTTP
package import CygniModel

/// Where a bucket is and how objects are put into it.
package struct S3Configuration: Sendable {
    package var bucket: String
    /// Put before every key, with its slash; empty for the bucket's top.
    package var prefix = ""
    /// Without a slash at its end: `https://s3.eu-central-1.amazonaws.com`.
    package var endpoint: String
    package var region = "us-east-1"
    package var accessKey: Secret
    package var secretKey: Secret
    /// Whether the bucket is named in the path and not in the host.
    package var pathStyle = false
    /// `AES256` or `aws:kms`; nil leaves it to the bucket.
    package var serverSideEncryption: String?
    /// The key that `aws:kms` uses; nil is the account's own.
    package var kmsKey: String?
    package var lock: ObjectLock?
    /// Bytes of a part; an object of more than two is stored in parts. S3 takes 5 MiB or more.
    package var partSize: Int64 = 16 << 20
    /// Parts on their way at once.
    package var parallelParts = 3
    package var retry = RetryPolicy()
    /// This host's time, which signatures carry.
    package var now: @Sendable () -> Timestamp

    package init(
        bucket: String,
        endpoint: String,
        accessKey: Secret,
        secretKey: Secret,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.bucket = bucket
        self.endpoint = endpoint
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.now = now
    }

    /// Retention that the store itself enforces (S3 Object Lock).
    package struct ObjectLock: Hashable, Sendable {
        /// `GOVERNANCE` or `COMPLIANCE`.
        package var mode: String
        package var retain: Duration

        package init(mode: String, retain: Duration) {
            self.mode = mode
            self.retain = retain
        }
    }

    /// The headers of a request that makes an object.
    func headers(at now: Timestamp) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        if let serverSideEncryption { headers.append(("x-amz-server-side-encryption", serverSideEncryption)) }
        if let kmsKey { headers.append(("x-amz-server-side-encryption-aws-kms-key-id", kmsKey)) }
        if let lock {
            headers.append(("x-amz-object-lock-mode", lock.mode))
            headers.append(("x-amz-object-lock-retain-until-date", (now + lock.retain).rfc3339))
        }
        return headers
    }

    /// The host with its port, and the path before the key, encoded.
    func location(of key: String?) -> (base: String, host: String, path: String) {
        let scheme = endpoint.hasPrefix("http://") ? "http://" : "https://"
        let rest = endpoint.dropFirst(scheme.count)
        var host = String(rest.prefix { $0 != "/" })
        var path = String(rest.dropFirst(host.count))
        // A certificate for *.host does not cover a bucket with dots.
        if pathStyle || (bucket.contains(".") && scheme == "https://") {
            path += "/\(SignatureV4.encode(bucket))"
        } else {
            host = "\(bucket).\(host)"
        }
        path += "/"
        if let key { path += SignatureV4.encode(prefix + key, keeping: "/") }
        return (scheme + host, host, path)
    }
}
