package import CygniModel

/// Where archives and other bytes are kept: a folder, or an S3 bucket.
package struct ObjectStoreSettings: ConfigSection {
    package let url: ConfigURL
    package let endpoint: ConfigURL?
    package let region: String
    package let accessKey: Secret?
    package let secretKey: Secret?
    package let pathStyle: Bool

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
        let isBucket = url.reveal().hasPrefix("s3://")
        reader.check(["access_key", "url"], "must be given for an s3:// store", !isBucket || accessKey != nil)
        reader.check(["secret_key", "url"], "must be given for an s3:// store", !isBucket || secretKey != nil)
        reader.check(["endpoint", "url"], "must be left out for a file:// store", isBucket || endpoint == nil)
    }
}
