package import CygniModel

/// Where archives and other bytes are kept: a folder, or an S3 bucket.
package struct ObjectStoreSettings: ConfigSection {
    package let url: ConfigURL
    package let endpoint: ConfigURL?
    package let region: String
    package let accessKey: Secret?
    package let secretKey: Secret?
    package let pathStyle: Bool
    /// PEM certificates trusted beside the system's.
    package let caFile: String?
    /// Whether addresses of this machine and of private networks may be connected to.
    package let privateAddresses: Bool
    package let serverSideEncryption: ServerSideEncryption?
    package let kmsKey: String?
    package let lock: ObjectLockSettings?

    /// How the store itself encrypts what it holds.
    package enum ServerSideEncryption: String, CaseIterable, Sendable {
        case aes256 = "AES256"
        case kms = "aws:kms"
    }

    package init(reading reader: inout ConfigReader) {
        url = reader.value(
            "url",
            .url(["file", "s3"]),
            default: ConfigURL("file:///var/lib/cygni/objects"),
            "The folder, file:///path, or the bucket and a prefix in it, s3://bucket/prefix.",
            example: "s3://cygni-archive/production"
        )
        endpoint = reader.optional(
            "endpoint",
            .url(["https", "http"]),
            "The S3 service to talk to; left out, that of AWS for the region. Only for s3://.",
            example: "https://minio.internal:9000"
        )
        region = reader.value("region", .text, default: "us-east-1", "The S3 region that requests are signed for.")
        accessKey = reader.optional(
            "access_key",
            .secret,
            "The S3 access key, as a reference; needed for s3://.",
            example: "{env: AWS_ACCESS_KEY_ID}"
        )
        secretKey = reader.optional(
            "secret_key",
            .secret,
            "The S3 secret key, as a reference; needed for s3://.",
            example: "{file: /etc/cygni/s3-secret}"
        )
        pathStyle = reader.value(
            "path_style",
            .boolean,
            default: false,
            "Whether the bucket is named in the path (MinIO, most self-hosted stores) and not in the host."
        )
        caFile = reader.optional(
            "ca_file",
            .path,
            "PEM certificates of authorities that are trusted beside the system's, for an endpoint with a private one.",
            example: "/etc/cygni/minio-ca.pem"
        )
        privateAddresses = reader.value(
            "private_addresses",
            .boolean,
            default: true,
            "Whether the endpoint's name may resolve to loopback, private and link-local addresses."
        )
        serverSideEncryption = reader.optional(
            "server_side_encryption",
            .oneOf(ServerSideEncryption.self),
            "How the store itself encrypts new objects; left out, as the bucket says.",
            example: "aws:kms"
        )
        kmsKey = reader.optional(
            "kms_key",
            .text,
            "The key for aws:kms; left out, the account's own.",
            example: "alias/cygni-archives"
        )
        lock = reader.optionalSection(
            "lock",
            ObjectLockSettings.self,
            "Retention that the store itself enforces on new objects (S3 Object Lock); the bucket must allow it."
        )
        let isBucket = url.reveal().hasPrefix("s3://")
        reader.check(["access_key", "url"], "must be given for an s3:// store", !isBucket || accessKey != nil)
        reader.check(["secret_key", "url"], "must be given for an s3:// store", !isBucket || secretKey != nil)
        reader.check(
            ["server_side_encryption", "kms_key"],
            "must be aws:kms where kms_key is given",
            kmsKey == nil || serverSideEncryption == .kms
        )
        reader.check(["endpoint", "url"], "must be left out for a file:// store", isBucket || endpoint == nil)
    }
}

/// Retention that the store itself enforces.
package struct ObjectLockSettings: ConfigSection {
    package enum Mode: String, CaseIterable, Sendable {
        /// Who has a special permission may still delete.
        case governance
        /// Nobody may.
        case compliance
    }

    package let mode: Mode
    package let retain: Duration

    package init(reading reader: inout ConfigReader) {
        mode = reader.value(
            "mode",
            .oneOf(Mode.self),
            default: .governance,
            "Whether a special permission may lift it."
        )
        retain = reader.required(
            "retain",
            .duration(.days(1) ... .days(36_500)),
            "How long from now a new object cannot be deleted.",
            example: "365d"
        )
    }
}
