import Crypto
import CygniHTTP
package import CygniModel

extension S3Store {
    /// Keys that one call of DeleteObjects takes.
    private static let batchSize = 1000

    package func delete(_ keys: [String]) async throws -> [String: String] {
        try await delete(keys.map { Version(key: configuration.prefix + $0, id: nil) })
    }

    package func deleteVersions(_ keys: [String]) async throws -> [String: String] {
        guard try await keepsVersions() else { return try await delete(keys) }
        var versions: [Version] = []
        for key in keys { versions += try await self.versions(of: configuration.prefix + key) }
        return try await delete(versions)
    }

    /// An object, or one of its versions: delete markers are versions too.
    private struct Version {
        var key: String
        var id: String?
    }

    /// Whether the bucket keeps, or ever kept, versions (S3 API, GetBucketVersioning).
    private func keepsVersions() async throws -> Bool {
        let call = Call(method: "GET", key: nil, query: [("versioning", "")])
        // Some services name the answer after the call.
        return try await document(
            "look for versioning",
            call,
            root: "VersioningConfiguration",
            or: "GetBucketVersioningResponse"
        )["Status"] != nil
    }

    private func versions(of key: String) async throws -> [Version] {
        var found: [Version] = []
        var marker: (key: String, version: String)?
        repeat {
            var call = Call(method: "GET", key: nil, query: [("versions", ""), ("prefix", key)])
            if let marker { call.query += [("key-marker", marker.key), ("version-id-marker", marker.version)] }
            let page = try await document("list the versions", call, root: "ListVersionsResult")
            for item in page.all("Version") + page.all("DeleteMarker") where item["Key"] == key {
                found.append(Version(key: key, id: item["VersionId"]))
            }
            marker = nil
            if page["IsTruncated"] == "true", let next = page["NextKeyMarker"], next == key {
                marker = (next, page["NextVersionIdMarker"] ?? "")
            }
        } while marker != nil
        return found
    }

    private func delete(_ versions: [Version]) async throws -> [String: String] {
        var failed: [String: String] = [:]
        for start in stride(from: 0, to: versions.count, by: Self.batchSize) {
            let batch = versions[start..<min(start + Self.batchSize, versions.count)]
            let items = batch.map { version in
                let id = version.id.map { "<VersionId>\(XMLElement.escape($0))</VersionId>" } ?? ""
                return "<Object><Key>\(XMLElement.escape(version.key))</Key>\(id)</Object>"
            }
            let text = Array("<Delete>\(items.joined())<Quiet>true</Quiet></Delete>".utf8)
            var call = Call(method: "POST", key: nil, query: [("delete", "")], body: .bytes(text))
            call.headers = [("content-md5", Self.contentMD5(text)), ("content-type", "application/xml")]
            call.payload = hex(SHA256.hash(data: text))
            let answer = try await document("delete \(batch.count) objects", call, root: "DeleteResult")
            for fault in answer.all("Error") where fault["Code"] != "NoSuchKey" {
                let key = fault["Key"] ?? ""
                let name = String(decoding: key.utf8.dropFirst(configuration.prefix.utf8.count), as: UTF8.self)
                failed[name] = [fault["Code"], fault["Message"]].compactMap { $0 }.joined(separator: ": ")
            }
        }
        return failed
    }

    package func strayUploads(_ prefix: String, before: Timestamp) async throws -> [StrayUpload] {
        var found: [StrayUpload] = []
        var marker: (key: String, upload: String)?
        repeat {
            var call = Call(method: "GET", key: nil)
            call.query = [("uploads", ""), ("prefix", configuration.prefix + prefix)]
            if let marker { call.query += [("key-marker", marker.key), ("upload-id-marker", marker.upload)] }
            let document = try await document("list the uploads", call, root: "ListMultipartUploadsResult")
            for item in document.all("Upload") {
                guard let key = item["Key"], let id = item["UploadId"],
                    let startedAt = item["Initiated"].flatMap({ Timestamp(parsing: $0) }), startedAt < before
                else { continue }
                let name = String(decoding: key.utf8.dropFirst(configuration.prefix.utf8.count), as: UTF8.self)
                found.append(StrayUpload(key: name, id: id, startedAt: startedAt))
            }
            marker = nil
            if document["IsTruncated"] == "true", let key = document["NextKeyMarker"] {
                marker = (key, document["NextUploadIdMarker"] ?? "")
            }
        } while marker != nil
        return found
    }

    package func abort(_ upload: StrayUpload) async throws {
        let call = Call(method: "DELETE", key: upload.key, query: [("uploadId", upload.id)], expected: [404])
        _ = try await send("abort the upload of '\(upload.key)'", call)
    }
}

extension XMLElement {
    static func escape(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case _ where scalar.value < 0x20: escaped += "&#\(scalar.value);"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
