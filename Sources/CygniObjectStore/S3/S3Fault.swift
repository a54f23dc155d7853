import CygniHTTP

/// An answer that is an error: its status, and the code and message of its body.
struct S3Fault {
    let status: Int
    let code: String
    private let message: String

    init(status: Int, _ document: XMLElement) {
        self.status = status
        code = document["Code"] ?? ""
        message = document["Message"] ?? ""
    }

    init(_ response: HTTPResponse, _ body: [UInt8]?) {
        status = response.status
        let document = body.flatMap { XMLElement(parsing: $0) }
        code = document?["Code"] ?? ""
        var message = document?["Message"] ?? ""
        if (300...399).contains(status), let region = response.header("x-amz-bucket-region") {
            message += " (the bucket is in region \(region): set object_store.region)"
        }
        self.message = message
    }

    func error(_ what: String, _ place: String) -> ObjectStoreError {
        let kind: ObjectStoreError.Kind =
            switch (code, status) {
            case ("EntityTooLarge", _), ("KeyTooLongError", _): .key
            case ("QuotaExceeded", _), ("XMinioStorageFull", _), (_, 507): .full
            case ("NoSuchKey", _), ("NoSuchBucket", _), ("NoSuchUpload", _), (_, 404): .notFound
            case (_, 401), (_, 403): .denied
            case (_, 408), (_, 429), (_, 500...599): .unavailable
            default: .other
            }
        let text = [code, message].filter { !$0.isEmpty }.joined(separator: ": ")
        let cause = text.isEmpty ? "status \(status)" : "\(text) (status \(status))"
        return ObjectStoreError(kind, "failed to \(what) in \(place): \(cause)")
    }
}
