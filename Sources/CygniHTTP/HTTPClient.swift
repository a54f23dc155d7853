package import CygniModel
import Synchronization

/// An HTTP client over libcurl: one thread, its connections kept and used again, HTTP/2 where TLS agrees on it.
///
/// TLS is always verified. Proxies come from the environment as libcurl reads it (`https_proxy`, `no_proxy`); redirects are
/// answers like others.
package final class HTTPClient: Sendable {
    package struct Configuration: Hashable, Sendable {
        package var addresses = AddressPolicy.publicOnly
        /// PEM certificates that are trusted beside the system's; nil is the system's alone.
        package var caFile: String?
        /// The same as text, in place of the file.
        package var caText: String?
        /// A certificate that the client shows, and its key; PEM.
        package var clientCertificate: String?
        package var clientKey: Secret?
        /// Every connection goes to this socket, whatever the URL's host.
        package var unixSocket: String?
        package var connectionsPerHost = 8
        package var userAgent = "cygni"

        package init() {}
    }

    private let configuration: Configuration
    private let loop: CurlLoop

    package init(_ configuration: Configuration = Configuration()) throws {
        self.configuration = configuration
        loop = try CurlLoop(connectionsPerHost: configuration.connectionsPerHost)
        try loop.start()
    }

    deinit {
        loop.quit()
    }

    /// Sends a request once and returns when the head of its answer is there.
    ///
    /// - Throws: ``HTTPError``; what a streamed body threw; `CancellationError`. Every status is an answer, not an error.
    package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        try Task.checkCancellation()
        let transfer = try Transfer(request, configuration, loop: loop)
        if case .stream(_, let next) = request.body, let upload = transfer.upload {
            let handle = CurlHandle(transfer.easy)
            Task { [loop] in await upload.pump(next) { loop.resume(handle) } }
        }
        let stop: @Sendable () -> Void = { [loop, weak transfer] in
            // A transfer that has ended is gone, and with it the reason to stop it.
            guard let transfer else { return }
            transfer.isCancelled.store(true, ordering: .releasing)
            loop.cancel(transfer)
        }
        let head = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                transfer.head.withLock { $0 = continuation }
                loop.add(transfer)
            }
        } onCancel: {
            stop()
        }
        return HTTPResponse(
            status: head.status,
            headers: head.headers,
            body: HTTPResponseBody(transfer.body, of: self, stop: stop)
        )
    }

    /// Sends a request, again after a pause when the answer or its absence is of the moment, and returns the last answer.
    ///
    /// A streamed body is sent once. What is asked must be safe to ask twice (RFC 9110, 9.2.2).
    ///
    /// - Parameters:
    ///   - prepare: makes the request of each attempt, whose signature may hold the time.
    ///   - now: this host's time, to read a `Retry-After` that is a date.
    package func send(
        retrying policy: RetryPolicy,
        now: @Sendable () -> Timestamp,
        _ prepare: @Sendable () throws -> HTTPRequest
    ) async throws -> HTTPResponse {
        var attempt = 1
        while true {
            let request = try prepare()
            let policy = request.body.isReplayable ? policy : .none
            let pause: Duration
            do {
                let response = try await send(request)
                let asked = response.header("retry-after").flatMap { RetryAfter.parse($0, now: now()) }
                let chance = Double.random(in: 0..<1)
                guard
                    let wait = policy.pause(after: attempt, status: response.status, retryAfter: asked, chance: chance)
                else { return response }
                pause = wait
            } catch let error as HTTPError {
                guard let wait = policy.pause(after: attempt, error: error, chance: .random(in: 0..<1)) else {
                    throw error
                }
                pause = wait
            }
            attempt += 1
            try await Task.sleep(for: pause)
        }
    }
}
