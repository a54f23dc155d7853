package import CygniConfig
import CygniHTTP
package import CygniModel

extension ObjectStoreSettings {
    /// The store that the settings name. Nothing is asked of it yet.
    ///
    /// - Parameter now: this host's time.
    package func open(now: @escaping @Sendable () -> Timestamp) throws -> any ObjectStore {
        let text = url.reveal()
        guard text.hasPrefix("s3://") else {
            return FolderStore(root: Self.decodePath(text.dropFirst("file://".count)))
        }
        var client = HTTPClient.Configuration()
        client.addresses = privateAddresses ? .any : .publicOnly
        client.caFile = caFile
        return S3Store(s3(text, now: now), client: try HTTPClient(client))
    }

    private func s3(_ text: String, now: @escaping @Sendable () -> Timestamp) -> S3Configuration {
        let parts = text.dropFirst("s3://".count).split(separator: "/", maxSplits: 1)
        var endpoint = self.endpoint?.reveal() ?? "https://s3.\(region).amazonaws.com"
        while endpoint.hasSuffix("/") { endpoint.removeLast() }
        var s3 = S3Configuration(
            bucket: String(parts[0]),
            endpoint: endpoint,
            accessKey: accessKey ?? Secret(""),
            secretKey: secretKey ?? Secret(""),
            now: now
        )
        var prefix = parts.count > 1 ? String(parts[1]) : ""
        if !prefix.isEmpty, !prefix.hasSuffix("/") { prefix += "/" }
        s3.prefix = prefix
        s3.region = region
        s3.pathStyle = pathStyle
        s3.serverSideEncryption = serverSideEncryption?.rawValue
        s3.kmsKey = kmsKey
        s3.lock = lock.map { S3Configuration.ObjectLock(mode: $0.mode.rawValue.uppercased(), retain: $0.retain) }
        return s3
    }

    /// A file URL's path, percent-decoded (RFC 8089).
    private static func decodePath(_ text: Substring) -> String {
        S3Store.decode(String(text).replacing("+", with: "%2B")) ?? String(text)
    }
}
