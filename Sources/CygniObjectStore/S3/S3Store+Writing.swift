import Crypto
import CygniHTTP
import FoundationEssentials
import Glibc

extension S3Store {
    @discardableResult
    package func put(_ key: String, _ body: ObjectBody, _ condition: PutCondition) async throws -> PutResult {
        let limit = configuration.partSize * 2
        switch body {
        case .bytes(let bytes):
            return try await putWhole(key, .bytes(bytes), hex(SHA256.hash(data: bytes)), condition)
        case .file(let file, let sha256) where file.length <= limit:
            return try await putWhole(key, .file(file), sha256 ?? Self.digest(file), condition)
        case .file(let file, _):
            let size = max(configuration.partSize, (file.length / 9000 + 1).roundedUp(to: 1 << 20))
            let parts = stride(from: Int64(0), to: file.length, by: Int64.Stride(size)).map { offset in
                HTTPFile(
                    descriptor: file.descriptor,
                    offset: file.offset + offset,
                    length: min(size, file.length - offset)
                )
            }
            var rest = parts[...]
            return try await putParts(key, condition) { rest.popFirst().map { .file($0) } }
        case .stream(let next):
            var pieces = PieceGatherer(next: next, size: Int(configuration.partSize))
            guard let first = try await pieces.gather() else { return try await put(key, .bytes([]), condition) }
            guard let second = try await pieces.gather() else { return try await put(key, .bytes(first), condition) }
            var waiting = [first, second][...]
            return try await putParts(key, condition) {
                if let piece = waiting.popFirst() { return .bytes(piece) }
                return try await pieces.gather().map { .bytes($0) }
            }
        }
    }

    package func putProven(_ key: String, _ bytes: [UInt8]) async throws -> Bool {
        let sha256 = hex(SHA256.hash(data: bytes))
        let response = try await send("put '\(key)'", wholeCall(key, .bytes(bytes), sha256))
        if response.header("x-amz-checksum-sha256") == Self.base64(hex: sha256) { return true }
        // Of an object in one part, the ETag is the MD5 of its bytes unless a key of KMS encrypts it (S3 API, Object).
        if response.header("etag") == "\"\(hex(Insecure.MD5.hash(data: bytes)))\"" { return true }
        return try await isStored(key, bytes)
    }

    private func putWhole(
        _ key: String,
        _ body: HTTPBody,
        _ sha256: String,
        _ condition: PutCondition
    ) async throws -> PutResult {
        try await put("put '\(key)'", wholeCall(key, body, sha256), condition)
    }

    private func wholeCall(_ key: String, _ body: HTTPBody, _ sha256: String) -> Call {
        var call = Call(method: "PUT", key: key, headers: configuration.headers(at: configuration.now()))
        call.body = body
        call.payload = sha256
        // The service computes it too, and refuses what was damaged on the way; with Object Lock it must be sent.
        call.headers.append(("x-amz-checksum-sha256", Self.base64(hex: sha256)))
        if configuration.lock != nil { call.headers.append(("x-amz-sdk-checksum-algorithm", "SHA256")) }
        return call
    }

    /// Sends the request that makes the object.
    private func put(_ what: String, _ call: Call, _ condition: PutCondition) async throws -> PutResult {
        var call = call
        if condition == .ifAbsent {
            call.headers.append(("if-none-match", "*"))
            call.expected = [412]
        }
        let response = try await send(what, call)
        return response.status == 412 ? .exists : .stored
    }

    /// Stores an object in parts; what came of it is let go of when it does not come to an end.
    private func putParts(
        _ key: String,
        _ condition: PutCondition,
        _ next: () async throws -> HTTPBody?
    ) async throws -> PutResult {
        let what = "put '\(key)'"
        var begin = Call(method: "POST", key: key, query: [("uploads", "")])
        begin.headers = configuration.headers(at: configuration.now())
        let begun = try await document(what, begin, root: "InitiateMultipartUploadResult")
        guard let upload = begun["UploadId"], !upload.isEmpty else {
            throw ObjectStoreError(.garbled, "failed to \(what) in \(place): no upload id in the answer")
        }
        do {
            let tags = try await sendParts(key, upload, next)
            return try await complete(key, upload, tags, condition)
        } catch {
            // Also when this task was cancelled: parts cost money until somebody finds them.
            let abort = Task {
                try await self.abort(StrayUpload(key: key, id: upload, startedAt: configuration.now()))
            }
            _ = await abort.result
            throw error
        }
    }

    private func sendParts(
        _ key: String,
        _ upload: String,
        _ next: () async throws -> HTTPBody?
    ) async throws -> [String] {
        try await withThrowingTaskGroup(of: (Int, String).self) { group in
            var tags: [Int: String] = [:]
            var number = 0
            while let part = try await next() {
                number += 1
                if number > configuration.parallelParts, let (done, tag) = try await group.next() { tags[done] = tag }
                let current = number
                group.addTask { (current, try await sendPart(key, upload, current, part)) }
            }
            for try await (done, tag) in group { tags[done] = tag }
            return try (1...max(1, number)).map { index in
                guard let tag = tags[index] else { throw ObjectStoreError(.other, "part \(index) was not stored") }
                return tag
            }
        }
    }

    private func sendPart(_ key: String, _ upload: String, _ number: Int, _ body: HTTPBody) async throws -> String {
        let what = "put part \(number) of '\(key)'"
        var call = Call(method: "PUT", key: key, query: [("partNumber", "\(number)"), ("uploadId", upload)])
        call.body = body
        switch body {
        case .file(let file): call.payload = try Self.digest(file)
        case .bytes(let bytes): call.payload = hex(SHA256.hash(data: bytes))
        case .none, .stream: break
        }
        guard let tag = try await send(what, call).header("etag") else {
            throw ObjectStoreError(.garbled, "failed to \(what) in \(place): no ETag in the answer")
        }
        return tag
    }

    private func complete(
        _ key: String,
        _ upload: String,
        _ tags: [String],
        _ condition: PutCondition
    ) async throws -> PutResult {
        let parts = tags.enumerated().map { index, tag in
            "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(XMLElement.escape(tag))</ETag></Part>"
        }
        let text = "<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>"
        var call = Call(method: "POST", key: key, query: [("uploadId", upload)])
        call.body = .bytes(Array(text.utf8))
        call.payload = hex(SHA256.hash(data: Data(text.utf8)))
        if condition == .ifAbsent {
            call.headers.append(("if-none-match", "*"))
            call.expected = [412]
        }
        let what = "complete '\(key)'"
        let response = try await send(what, call)
        if response.status == 412 {
            try await abort(StrayUpload(key: key, id: upload, startedAt: configuration.now()))
            return .exists
        }
        let bytes = try await response.body.collect(upTo: 1 << 20)
        guard let document = XMLElement(parsing: bytes), document.name != "Error" else {
            let fault = XMLElement(parsing: bytes).map { S3Fault(status: response.status, $0).error(what, place) }
            throw fault ?? ObjectStoreError(.garbled, "failed to \(what) in \(place): the answer is no XML document")
        }
        return .stored
    }

    /// The SHA-256 of a part of a file, in hex.
    private static func digest(_ file: HTTPFile) throws -> String {
        var hash = SHA256()
        var buffer = [UInt8](repeating: 0, count: 256 * 1024)
        var offset: Int64 = 0
        while offset < file.length {
            let wanted = min(buffer.count, Int(file.length - offset))
            let count = pread(file.descriptor, &buffer, wanted, off_t(file.offset + offset))
            guard count > 0 else { throw ObjectStoreError(.other, "failed to read the file that is put") }
            buffer.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
            offset += Int64(count)
        }
        return hex(hash.finalize())
    }

    private static func base64(hex: String) -> String {
        let digits = Array(hex.utf8)
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap { index in
            UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16)
        }
        return Data(bytes).base64EncodedString()
    }
}

extension Int64 {
    fileprivate func roundedUp(to unit: Int64) -> Int64 {
        (self + unit - 1) / unit * unit
    }
}

/// Puts pieces of any size together into parts of one size.
private struct PieceGatherer {
    let next: () async throws -> [UInt8]?
    let size: Int
    private var rest: [UInt8] = []
    private var isOver = false

    init(next: @escaping () async throws -> [UInt8]?, size: Int) {
        self.next = next
        self.size = size
    }

    /// The next part; only the last one is shorter. nil at the end.
    mutating func gather() async throws -> [UInt8]? {
        while rest.count < size, !isOver {
            if let piece = try await next() { rest += piece } else { isOver = true }
        }
        guard !rest.isEmpty else { return nil }
        defer { rest = Array(rest.dropFirst(size)) }
        return Array(rest.prefix(size))
    }
}
