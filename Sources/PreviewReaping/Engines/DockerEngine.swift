import CygniHTTP
import CygniModel

/// A Docker-compatible engine over its unix socket (Docker Engine API 1.41; Podman has the same).
struct DockerEngine: Engine {
    let name: String
    private let platform: String
    private let timeout: Duration
    private let stopTimeout: Duration
    private let http: HTTPClient

    /// In the order in which they are deleted.
    private static let kinds = ["container", "network", "volume"]

    init(_ name: String, _ settings: EngineSection, platform: String) throws {
        self.name = name
        self.platform = platform
        timeout = settings.timeout
        stopTimeout = settings.stopTimeout
        var configuration = HTTPClient.Configuration()
        configuration.addresses = .any
        configuration.unixSocket = settings.socket
        configuration.connectionsPerHost = settings.concurrency + 1
        configuration.userAgent = "cygni-preview-reap"
        http = try HTTPClient(configuration)
    }

    func objects(deployment: String?) async throws -> [EngineObject] {
        var labels = ["\(Label.platform)=\(platform)"]
        if let deployment { labels.append("\(Label.deployment)=\(deployment)") }
        let filters = JSONValue.object([("label", .array(labels.map(JSONValue.string)))]).text.percentEncoded
        let containers = try await list([Container].self, "/containers/json?all=1&filters=\(filters)")
        let networks = try await list([Network].self, "/networks?filters=\(filters)")
        let volumes = try await list(Volumes.self, "/volumes?filters=\(filters)")
        var found: [EngineObject] = []
        func add(_ kind: String, _ ref: String, _ name: String, _ labels: [String: String]?) throws {
            // Asked for by label, and looked at again: an engine that ignores filters must not cost what is not ours.
            guard labels?[Label.platform] == platform, let owner = labels?[Label.deployment],
                deployment == nil || owner == deployment
            else { return }
            guard !ref.isEmpty else { throw EngineFault(self.name, "a \(kind) without an id") }
            found.append(EngineObject(engine: self.name, kind: kind, ref: ref, name: name, deployment: owner))
        }
        for each in containers {
            let name = each.names?.first.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
            try add("container", each.id, name ?? each.id, each.labels)
        }
        for each in networks { try add("network", each.id, each.name, each.labels) }
        for each in volumes.volumes ?? [] { try add("volume", each.name, each.name, each.labels) }
        return found
    }

    func delete(_ object: EngineObject) async throws {
        guard let path = Self.path(object) else { throw EngineFault(name, "no kind '\(object.kind)'") }
        // The fence: it is looked at again by its id right before it goes.
        let inspection = try await ask("GET", path.inspect)
        if inspection.status == 404 { return }
        try expect(inspection, [200], "tell about \(object.words)")
        let labels = try decode(Inspected.self, inspection.body).allLabels
        guard labels[Label.platform] == platform, labels[Label.deployment] == object.deployment else {
            throw EngineFault(name, "\(object.words) has other labels than before: it was left alone")
        }
        if object.kind == "container", stopTimeout > .zero {
            let seconds = max(1, Int(stopTimeout.components.seconds))
            let stop = try await ask("POST", "\(path.base)/stop?t=\(seconds)", extra: stopTimeout)
            try expect(stop, [204, 304, 404], "stop \(object.words)")
        }
        let answer = try await ask("DELETE", path.delete)
        try expect(answer, [200, 204, 404], "delete \(object.words)")
    }

    private static func path(_ object: EngineObject) -> (base: String, inspect: String, delete: String)? {
        let ref = object.ref.percentEncoded
        switch object.kind {
        // With its anonymous volumes, which have no labels and nobody else.
        case "container": return ("/containers/\(ref)", "/containers/\(ref)/json", "/containers/\(ref)?force=1&v=1")
        case "network": return ("/networks/\(ref)", "/networks/\(ref)", "/networks/\(ref)")
        case "volume": return ("/volumes/\(ref)", "/volumes/\(ref)", "/volumes/\(ref)")
        default: return nil
        }
    }

    private func list<Value: Decodable>(_ type: Value.Type, _ path: String) async throws -> Value {
        let answer = try await ask("GET", path)
        try expect(answer, [200], "list")
        return try decode(type, answer.body)
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ body: [UInt8]) throws -> Value {
        do {
            return try JSONReading.decode(type, body)
        } catch {
            throw EngineFault(name, "\(error)")
        }
    }

    private func ask(_ method: String, _ path: String, extra: Duration = .zero) async throws -> (
        status: Int, body: [UInt8]
    ) {
        var limits = HTTPLimits()
        limits.total = timeout + extra
        let request = HTTPRequest(method, "http://engine/v1.41\(path)", limits: limits)
        do {
            let response = try await http.send(request)
            return (response.status, try await response.body.collect(upTo: 256 << 20))
        } catch let error as HTTPError {
            throw EngineFault(name, "\(error)")
        }
    }

    private func expect(_ answer: (status: Int, body: [UInt8]), _ wanted: Set<Int>, _ what: String) throws {
        guard !wanted.contains(answer.status) else { return }
        let said = (try? JSONReading.decode(Said.self, answer.body).message)?.printable
        throw EngineFault(name, "failed to \(what): status \(answer.status)\(said.map { ": \($0)" } ?? "")")
    }
}

private struct Container: Decodable {
    let id: String
    let names: [String]?
    let labels: [String: String]?
    enum CodingKeys: String, CodingKey {
        case id = "Id"
        case names = "Names"
        case labels = "Labels"
    }
}

private struct Network: Decodable {
    let id: String
    let name: String
    let labels: [String: String]?
    enum CodingKeys: String, CodingKey {
        case id = "Id"
        case name = "Name"
        case labels = "Labels"
    }
}

private struct Volumes: Decodable {
    struct Volume: Decodable {
        let name: String
        let labels: [String: String]?
        enum CodingKeys: String, CodingKey {
            case name = "Name"
            case labels = "Labels"
        }
    }
    let volumes: [Volume]?
    enum CodingKeys: String, CodingKey { case volumes = "Volumes" }
}

/// Networks and volumes have labels at the top, containers in Config.
private struct Inspected: Decodable {
    struct Config: Decodable {
        let labels: [String: String]?
        enum CodingKeys: String, CodingKey { case labels = "Labels" }
    }
    let labels: [String: String]?
    let config: Config?
    var allLabels: [String: String] { config?.labels ?? labels ?? [:] }
    enum CodingKeys: String, CodingKey {
        case labels = "Labels"
        case config = "Config"
    }
}

private struct Said: Decodable {
    let message: String
}
