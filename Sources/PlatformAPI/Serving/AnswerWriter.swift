import Crypto
import CygniArchive
import CygniModel
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

/// Makes the response of a reply: entity tag, 304, compression.
enum AnswerWriter {
    /// A smaller body gains nothing.
    private static let packedFrom = 1400

    static func response(_ reply: Reply, to request: Request) throws -> Response {
        var headers = reply.headers
        let bytes: [UInt8]
        switch reply.content {
        case .none: return Response(status: reply.status, headers: headers)
        case .body(let body, let type):
            headers[.contentType] = type
            return Response(status: reply.status, headers: headers, body: body)
        case .json(let value):
            headers[.contentType] = "application/json"
            bytes = value.utf8
        case .text(let written, let type):
            headers[.contentType] = type
            bytes = Array(written.utf8)
        }
        let isRead = request.method == .get || request.method == .head
        if isRead, reply.status == .ok {
            let tag = entityTag(bytes)
            headers[.eTag] = tag
            if headers[.cacheControl] == nil { headers[.cacheControl] = "private, no-cache" }
            // If-None-Match compares weakly (RFC 9110, 13.1.2).
            if let known = request.headers[.ifNoneMatch],
                known == "*"
                    || known.split(separator: ",").contains(where: {
                        $0.hasSuffix(tag.dropFirst(2)) && $0.contains(tag.dropFirst(2))
                    })
            {
                return Response(status: .notModified, headers: headers)
            }
        }
        headers.append(HTTPField(name: .vary, value: "Accept-Encoding"))
        if bytes.count >= packedFrom, acceptsGzip(request), let packed = Gzip.packed(bytes) {
            headers[.contentEncoding] = "gzip"
            return Response(status: reply.status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: packed)))
        }
        return Response(status: reply.status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// Weak, as the same answer may be packed or not.
    private static func entityTag(_ bytes: [UInt8]) -> String {
        let digest = SHA256.hash(data: bytes).prefix(12)
        return "W/\"" + digest.hex + "\""
    }

    private static func acceptsGzip(_ request: Request) -> Bool {
        guard let field = request.headers[.acceptEncoding] else { return false }
        return field.split(separator: ",").contains { part in
            let words = part.lowercased().split { $0 == ";" || $0 == " " }
            return words.first == "gzip" && !words.contains { $0.wholeMatch(of: /q=0(\.0*)?/) != nil }
        }
    }
}
