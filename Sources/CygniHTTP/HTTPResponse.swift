/// An answer whose head has come; its body is read as it arrives.
package struct HTTPResponse: Sendable {
    package let status: Int
    /// Names in lower case.
    package let headers: [(name: String, value: String)]
    package let body: HTTPResponseBody

    /// The first header of that name, in any case.
    package func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name == name }?.value
    }
}

/// The pieces of an answer's body. The connection is read no faster than they are taken.
///
/// A body that ends before its announced length throws. Letting go of it early ends the transfer.
package final class HTTPResponseBody: AsyncSequence, Sendable {
    let buffer: BodyBuffer
    private let stop: @Sendable () -> Void
    /// The client's thread goes on for as long as somebody reads.
    private let client: HTTPClient

    init(_ buffer: BodyBuffer, of client: HTTPClient, stop: @escaping @Sendable () -> Void) {
        self.buffer = buffer
        self.client = client
        self.stop = stop
    }

    deinit {
        stop()
    }

    /// The next piece; nil at the end.
    ///
    /// - Throws: ``HTTPError``; `CancellationError`.
    package func next() async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            try await buffer.next()
        } onCancel: {
            stop()
        }
    }

    /// All of it.
    ///
    /// - Parameter limit: bytes; more is an error.
    package func collect(upTo limit: Int = 8 << 20) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try await next() {
            guard bytes.count + piece.count <= limit else {
                throw HTTPError(.tooLarge, "the answer is longer than \(limit) bytes")
            }
            bytes += piece
        }
        return bytes
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let body: HTTPResponseBody

        package mutating func next() async throws -> [UInt8]? {
            try await body.next()
        }
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(body: self)
    }
}
