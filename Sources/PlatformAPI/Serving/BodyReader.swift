import CygniArchive
import HTTPTypes
import Hummingbird
import NIOCore

/// Reads a body of one of the operation's media types, unpacked, up to a size.
struct BodyReader: Sendable {
    let body: APIOperation.Body
    /// Bytes, packed and unpacked alike.
    let limit: Int

    /// - Returns: which of the body's contents it is, and its bytes.
    /// - Throws: ``Problem``.
    func read(_ request: Request) async throws -> (APIOperation.Body.Content, ByteBuffer) {
        let type = request.headers[.contentType]?.split(separator: ";").first?.lowercased().trimmingCharacters
        guard let content = body.contents.first(where: { $0.mediaType == type }) else {
            let types = body.contents.map(\.mediaType).joined(separator: " or ")
            throw Problem(.unsupportedMediaType, "Content-Type must be \(types)")
        }
        return (content, try await bytes(request))
    }

    private func bytes(_ request: Request) async throws -> ByteBuffer {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge }
        let bytes: ByteBuffer
        do {
            bytes = try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        }
        switch request.headers[.contentEncoding]?.lowercased() {
        case nil, "identity": return bytes
        case "gzip": return try unpacked(bytes, try GzipUnpacker())
        case "zstd": return try unpacked(bytes, try ZstdUnpacker())
        default:
            throw Problem(
                .unsupportedMediaType,
                "Content-Encoding must be gzip or zstd",
                headers: [.acceptEncoding: "gzip, zstd"]
            )
        }
    }

    private var tooLarge: Problem { Problem(.bodyTooLarge, "at most \(limit) bytes are read here") }

    private func unpacked(_ bytes: ByteBuffer, _ unpacker: any Unpacker) throws -> ByteBuffer {
        var plain = ByteBuffer()
        do {
            try bytes.withUnsafeReadableBytes { piece in
                try unpacker.unpack(piece) { part in
                    guard plain.readableBytes + part.count <= limit else { throw tooLarge }
                    plain.writeBytes(part)
                }
            }
        } catch is UnpackingError {
            throw Problem(.malformedBody, "the body cannot be unpacked")
        }
        guard unpacker.isComplete else { throw Problem(.malformedBody, "the packed body is cut off") }
        return plain
    }
}

extension String {
    fileprivate var trimmingCharacters: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
