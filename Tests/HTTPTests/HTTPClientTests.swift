import CygniHTTP
import CygniModel
import CygniTestSupport
import Foundation
import Synchronization
import Testing

struct HTTPClientTests {
    private func client(_ change: (inout HTTPClient.Configuration) -> Void = { _ in }) throws -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.addresses = .any
        change(&configuration)
        return try HTTPClient(configuration)
    }

    private struct Echo: Decodable {
        let method: String
        let path: String
        let length: Int
        let sum: Int
        let headers: [String: String]
    }

    private func echo(_ response: HTTPResponse) async throws -> Echo {
        try JSONDecoder().decode(Echo.self, from: Data(try await response.body.collect()))
    }

    @Test(arguments: ["GET", "PUT", "POST", "DELETE"])
    func `methods, headers and bodies arrive`(method: String) async throws {
        let peer = try await PythonPeer.script("http_peer")
        var request = HTTPRequest(method, "\(peer.url)/echo/a/../b?x=1", headers: [("X-Own", "value")])
        if method != "GET" { request.body = .bytes([1, 2, 3]) }
        let echo = try await echo(client().send(request))
        #expect(echo.method == method)
        #expect(echo.path == "/echo/a/../b?x=1", "a path goes out as it is")
        #expect(echo.headers["x-own"] == "value")
        #expect(echo.length == (method == "GET" ? 0 : 3))
    }

    @Test func `HEAD has no body`() async throws {
        let peer = try await PythonPeer.script("http_peer")
        let response = try await client().send(HTTPRequest("HEAD", "\(peer.url)/bytes/100"))
        #expect(response.header("Content-Length") == "100")
        #expect(try await response.body.collect().isEmpty)
    }

    @Test func `a stream goes out in chunks, and as it comes`() async throws {
        let peer = try await PythonPeer.script("http_peer")
        let left = Mutex(20)
        let body = HTTPBody.stream(length: nil) {
            let number = left.withLock { left in
                left -= 1
                return left
            }
            if number.isMultiple(of: 5) { try await Task.sleep(for: .milliseconds(20)) }
            return number < 0 ? nil : [UInt8](repeating: 1, count: 100_000)
        }
        let echo = try await echo(client().send(HTTPRequest("PUT", "\(peer.url)/echo", body: body)))
        #expect(echo.length == 2_000_000)
        #expect(echo.sum == 2_000_000 % 65536)
        #expect(echo.headers["transfer-encoding"] == "chunked")
    }

    @Test func `an error of the stream is the caller's own`() async throws {
        struct Broken: Error {}
        let peer = try await PythonPeer.script("http_peer")
        let client = try client()
        await #expect(throws: Broken.self) {
            try await client.send(HTTPRequest("PUT", "\(peer.url)/echo", body: .stream(length: nil) { throw Broken() }))
        }
    }

    @Test(arguments: ["bytes", "chunked"])
    func `a long answer waits for its reader`(kind: String) async throws {
        let peer = try await PythonPeer.script("http_peer")
        let response = try await client().send(HTTPRequest("GET", "\(peer.url)/\(kind)/30000000"))
        try await Task.sleep(for: .milliseconds(300))
        var count = 0
        while let piece = try await response.body.next() {
            // Never more at once than is kept for a slow reader, and one more piece.
            #expect(piece.count <= 2 << 20)
            count += piece.count
        }
        #expect(count == 30_000_000)
    }

    @Test func `connections are used again`() async throws {
        let peer = try await PythonPeer.script("http_peer")
        let client = try client()
        var ports: Set<[UInt8]> = []
        for _ in 0..<5 {
            ports.insert(try await client.send(HTTPRequest("GET", "\(peer.url)/peer")).body.collect())
        }
        #expect(ports.count == 1)
    }

    @Test func `a hundred at once all come back`() async throws {
        let peer = try await PythonPeer.script("http_peer")
        let client = try client()
        let total = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<100 {
                group.addTask {
                    try await client.send(HTTPRequest("GET", "\(peer.url)/bytes/\(number)")).body.collect().count
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(total == 4950)
    }

    @Test func `limits end an exchange`() async throws {
        let peer = try await PythonPeer.script("http_peer")
        let client = try client()
        var request = HTTPRequest("GET", "\(peer.url)/silent/30")
        request.limits.total = .milliseconds(300)
        let silent = request
        await #expect { try await client.send(silent) } throws: { ($0 as? HTTPError)?.kind == .timeout }
        request = HTTPRequest("GET", "\(peer.url)/slow/30")
        request.limits.idle = .seconds(1)
        let slow = request
        await #expect { try await client.send(slow).body.collect() } throws: { ($0 as? HTTPError)?.kind == .timeout }
        for path in ["bytes", "chunked"] {
            request = HTTPRequest("GET", "\(peer.url)/\(path)/100000")
            request.limits.body = 1000
            let long = request
            await #expect { try await client.send(long).body.collect() } throws: {
                ($0 as? HTTPError)?.kind == .tooLarge
            }
        }
    }

    @Test func `an answer that is cut off is an error, after what came of it`() async throws {
        let peer = try await PythonPeer.script("http_peer")
        let response = try await client().send(HTTPRequest("GET", "\(peer.url)/cut"))
        await #expect { try await response.body.collect() } throws: { ($0 as? HTTPError)?.kind == .cut }
    }

    @Test func `cancelling ends the transfer, waiting for the head or for the body`() async throws {
        let peer = try await PythonPeer.script("http_peer")
        let client = try client()
        for path in ["silent/60", "slow/60"] {
            let task = Task { try await client.send(HTTPRequest("GET", "\(peer.url)/\(path)")).body.collect() }
            try await Task.sleep(for: .milliseconds(200))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        // The loop is alive and well after that.
        #expect(try await client.send(HTTPRequest("GET", "\(peer.url)/bytes/3")).body.collect().count == 3)
    }

    @Test func `retries follow the policy; a stream is sent once`() async throws {
        let peer = try await PythonPeer.script("http_peer")
        let client = try client()
        let policy = RetryPolicy(attempts: 4, backoff: Backoff(base: .milliseconds(1), longest: .milliseconds(1)))
        let now: @Sendable () -> Timestamp = { Timestamp(seconds: 0) }
        let response = try await client.send(retrying: policy, now: now) { HTTPRequest("GET", "\(peer.url)/retry/2/a") }
        #expect(String(decoding: try await response.body.collect(), as: UTF8.self) == "3")
        let streamed = try await client.send(retrying: policy, now: now) {
            HTTPRequest("PUT", "\(peer.url)/retry/2/b", body: .stream(length: nil) { nil })
        }
        #expect(streamed.status == 503)
    }

    @Test func `loopback is out of reach where only public addresses are allowed`() async throws {
        let peer = try await PythonPeer.script("http_peer")
        let client = try HTTPClient()
        await #expect {
            try await client.send(HTTPRequest("GET", "\(peer.url)/bytes/1"))
        } throws: {
            ($0 as? HTTPError)?.kind == .address && "\($0)".contains("loopback")
        }
    }

    @Test func `TLS is verified; a private authority can be named`() async throws {
        let folder = try TemporaryFolder()
        let identity = try await TestCertificate("server", in: folder, address: "127.0.0.1")
        let peer = try await PythonPeer.script("http_peer", [identity.certificate, identity.key])
        let url = "https://127.0.0.1:\(peer.port)/bytes/5"
        let strict = try client()
        await #expect { try await strict.send(HTTPRequest("GET", url)) } throws: { ($0 as? HTTPError)?.kind == .tls }
        let trusting = try client { $0.caFile = identity.certificate }
        #expect(try await trusting.send(HTTPRequest("GET", url)).body.collect().count == 5)
        let wrongName = "https://localhost:\(peer.port)/bytes/5"
        await #expect {
            try await trusting.send(HTTPRequest("GET", wrongName))
        } throws: {
            ($0 as? HTTPError)?.kind == .tls
        }
    }

    @Test func `HTTP/2 is spoken where TLS agrees on it`() async throws {
        let folder = try TemporaryFolder()
        let identity = try await TestCertificate("h2", in: folder, address: "127.0.0.1")
        try folder.write(String(repeating: "h", count: 3_000_000), to: "root/file")
        let port = try OneTimePort().number
        let server = try ChildProcess(
            path: "/usr/sbin/nghttpd",
            arguments: [
                "-a", "127.0.0.1", "-v", "-d", folder.file("root"), "\(port)", identity.key, identity.certificate,
            ],
            folder: folder.path
        )
        defer { server.signal(SIGKILL) }
        let client = try client { $0.caFile = identity.certificate }
        var size: Int?
        for _ in 0..<100 where size == nil {
            let request = HTTPRequest("GET", "https://127.0.0.1:\(port)/file")
            size = try? await client.send(request).body.collect().count
            if size == nil { try await Task.sleep(for: .milliseconds(50)) }
        }
        #expect(size == 3_000_000)
        #expect(
            server.outputText.contains("HTTP/2") || server.outputText.contains("h2"),
            "\(server.outputText.prefix(2000))"
        )
    }

    @Test func `a unix socket takes the place of host and port`() async throws {
        let folder = try TemporaryFolder()
        let script = """
            from http import server
            from socketserver import ThreadingUnixStreamServer
            from sys import argv
            class S(ThreadingUnixStreamServer): pass
            class H(server.BaseHTTPRequestHandler):
                def do_GET(self):
                    self.send_response(200); self.send_header("Content-Length", "4"); self.end_headers(); self.wfile.write(b"unix")
                def log_message(self, *a): pass
                def address_string(self): return ""
            s = S(argv[1], H); print("ready", flush=True); s.serve_forever()
            """
        try folder.write(script, to: "peer.py")
        let server = try ChildProcess(
            path: "/usr/bin/env",
            arguments: ["python3", folder.file("peer.py"), folder.file("s")],
            folder: folder.path
        )
        defer { server.signal(SIGKILL) }
        try await server.output(contains: "ready")
        let socket = folder.file("s")
        let client = try HTTPClient(configurationOf { $0.unixSocket = socket })
        let body = try await client.send(HTTPRequest("GET", "http://engine/v1/info")).body.collect()
        #expect(String(decoding: body, as: UTF8.self) == "unix")
    }

    private func configurationOf(_ change: (inout HTTPClient.Configuration) -> Void) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        change(&configuration)
        return configuration
    }

    @Test func `what cannot be asked is an error, not a crash`() async throws {
        let client = try client()
        for url in [
            "", "nonsense", "ftp://127.0.0.1/", "file:///etc/passwd", "http://127.0.0.1:1/", "http://no.invalid/",
        ] {
            await #expect(throws: HTTPError.self) { try await client.send(HTTPRequest("GET", url)) }
        }
        await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest("GET", "http://127.0.0.1/", headers: [("X", "a\r\nY: b")]))
        }
    }
}
