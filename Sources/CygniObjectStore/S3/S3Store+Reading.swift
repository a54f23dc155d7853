import CygniHTTP
import CygniModel

extension S3Store {
    package func get(_ key: String, range: Range<Int64>?) async throws -> ObjectDownload {
        let what = "get '\(key)'"
        var call = Call(method: "GET", key: key)
        if let range { call.headers.append(("range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")) }
        let response = try await send(what, call)
        var size = response.header("content-length").flatMap { Int64($0) }
        if let range {
            // `bytes 0-99/1234` (RFC 9110, 14.4); a store that ignores ranges answers 200 with all of it.
            let parts = response.header("content-range")?.split { " -/".contains($0) } ?? []
            guard response.status == 206, parts.count == 4, parts[1] == "\(range.lowerBound)" else {
                throw ObjectStoreError(.garbled, "failed to \(what) in \(place): the answer is not the range asked for")
            }
            size = Int64(parts[3])
        }
        let (place, body) = (place, response.body)
        return ObjectDownload(size: size) {
            do {
                return try await body.next()
            } catch let error as HTTPError {
                throw ObjectStoreError(what, place, error)
            }
        }
    }

    package func head(_ key: String) async throws -> ObjectInfo? {
        let response = try await send("look at '\(key)'", Call(method: "HEAD", key: key, expected: [404]))
        guard response.status != 404 else { return nil }
        guard let size = response.header("content-length").flatMap({ Int64($0) }) else {
            throw ObjectStoreError(.garbled, "failed to look at '\(key)' in \(place): no size in the answer")
        }
        return ObjectInfo(key: key, size: size, modifiedAt: response.header("last-modified").flatMap(RetryAfter.date))
    }

    package func list(_ prefix: String, token: String?) async throws -> ObjectPage {
        let what = "list '\(prefix)'"
        var call = Call(method: "GET", key: nil)
        call.query = [
            ("list-type", "2"), ("prefix", configuration.prefix + prefix), ("encoding-type", "url"),
        ]
        if let token { call.query.append(("continuation-token", token)) }
        let document = try await document(what, call, root: "ListBucketResult")
        let objects = try document.all("Contents").map { item in
            guard let key = item["Key"].flatMap(Self.decode), let size = item["Size"].flatMap({ Int64($0) }),
                key.utf8.starts(with: configuration.prefix.utf8)
            else { throw ObjectStoreError(.garbled, "failed to \(what) in \(place): an item without key or size") }
            return ObjectInfo(
                key: String(decoding: key.utf8.dropFirst(configuration.prefix.utf8.count), as: UTF8.self),
                size: size,
                modifiedAt: item["LastModified"].flatMap { Timestamp(parsing: $0) }
            )
        }
        guard document["IsTruncated"] == "true" else { return ObjectPage(objects: objects, token: nil) }
        guard let next = document["NextContinuationToken"], next != token else {
            throw ObjectStoreError(.garbled, "failed to \(what) in \(place): cut off without a way to go on")
        }
        return ObjectPage(objects: objects, token: next)
    }

    /// A key as `encoding-type=url` spells it; nil when it is malformed.
    static func decode(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
                else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
