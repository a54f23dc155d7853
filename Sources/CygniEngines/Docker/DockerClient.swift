import CygniConfig
import CygniHTTP
import CygniModel

/// Talks to a Docker-compatible engine over its unix socket (Docker Engine API 1.41; Podman has the same).
struct DockerClient: Sendable {
    let name: String
    private let timeout: Duration
    private let http: HTTPClient

    init(_ name: String, _ settings: EngineSettings) throws {
        self.name = name
        timeout = settings.timeout
        var configuration = HTTPClient.Configuration()
        configuration.addresses = .any
        configuration.unixSocket = settings.socket
        configuration.connectionsPerHost = settings.concurrency + 1
        http = try HTTPClient(configuration)
    }

    struct Answer: Sendable {
        var status: Int
        var body: [UInt8]
        /// What the engine says of its refusal.
        var message: String? { try? JSONReading.decode(Said.self, body).message }

        private struct Said: Decodable { let message: String }
    }

    /// - Parameter extra: time that the engine itself was given.
    func ask(_ method: String, _ path: String, extra: Duration = .zero) async throws(EngineFault) -> Answer {
        var limits = HTTPLimits()
        limits.total = timeout + extra
        // An engine that waits for a container to end says nothing meanwhile.
        limits.idle = timeout + extra
        let request = HTTPRequest(method, "http://engine/v1.41\(path)", limits: limits)
        do {
            let response = try await http.send(request)
            return Answer(status: response.status, body: try await response.body.collect(upTo: 256 << 20))
        } catch {
            throw fault("\(error)")
        }
    }

    func get<Value: Decodable>(_ type: Value.Type, _ path: String, _ what: String) async throws(EngineFault) -> Value {
        let answer = try await ask("GET", path)
        try expect(answer, [200], what)
        return try decode(type, answer)
    }

    func decode<Value: Decodable>(_ type: Value.Type, _ answer: Answer) throws(EngineFault) -> Value {
        do {
            return try JSONReading.decode(type, answer.body)
        } catch {
            throw fault("\(error)")
        }
    }

    func expect(_ answer: Answer, _ wanted: Set<Int>, _ what: String) throws(EngineFault) {
        guard !wanted.contains(answer.status) else { return }
        throw fault("failed to \(what): status \(answer.status)\(answer.message.map { ": \($0.printable)" } ?? "")")
    }

    func fault(_ text: String) -> EngineFault { EngineFault(name, text) }

    /// `?filters=…`
    static func filters(_ filters: [(name: String, values: [String])]) -> String {
        "filters="
            + JSONValue.object(filters.map { ($0.name, .array($0.values.map(JSONValue.string))) }).text.percentEncoded
    }
}
