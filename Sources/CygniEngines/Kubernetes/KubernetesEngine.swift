package import CygniConfig
import CygniHTTP
import CygniLog
import CygniModel

/// A Kubernetes cluster, over its API: what has our labels, kind by kind.
///
/// Deleting names the object's uid as a precondition, so that another one of the same name is left alone; finalizers are waited
/// for and never taken off (Kubernetes API Concepts; Finalizers).
package struct KubernetesEngine: Engine {
    package let name: String
    private let platform: String
    private let kinds: [KubernetesKind]
    private let timeout: Duration
    private let access: KubernetesAccess
    private let http: HTTPClient

    /// - Parameter environment: has the API server's address in a pod.
    package init(_ name: String, _ settings: EngineSettings, platform: String, environment: [String: String]) throws {
        self.name = name
        self.platform = platform
        kinds = settings.kinds
        timeout = settings.timeout
        access = try KubernetesAccess(name, settings, environment: environment)
        http = try HTTPClient(access.client)
    }

    package func objects() async throws -> [EngineObject] {
        var found: [EngineObject] = []
        for kind in kinds { found += try await list(kind) }
        return found
    }

    /// All pages; a list that expired half way (410) is begun again (Kubernetes API Concepts, Retrieving large results sets).
    private func list(_ kind: KubernetesKind) async throws -> [EngineObject] {
        let selector = "\(Label.object.platform)=\(platform),\(Label.object.deployment)"
        for _ in 1...3 {
            var found: [EngineObject] = []
            var next: String?
            repeat {
                var path = "\(kind.listPath)?labelSelector=\(selector.percentEncoded)&limit=500"
                if let next { path += "&continue=\(next.percentEncoded)" }
                let answer = try await ask("GET", path)
                if answer.status == 410 { break }
                try expect(answer, [200], "list \(kind.rawValue)")
                let page = try decode(Page.self, answer.body)
                found += page.items.compactMap { object($0.metadata, kind) }
                next = page.metadata?.next.flatMap { $0.isEmpty ? nil : $0 }
                if next == nil { return found }
            } while true
        }
        throw EngineFault(name, "failed to list \(kind.rawValue): it changed faster than it could be read")
    }

    private func object(_ metadata: Metadata, _ kind: KubernetesKind) -> EngineObject? {
        // Asked for by label, and looked at again.
        guard metadata.labels?[Label.object.platform] == platform, let owner = metadata.labels?[Label.object.deployment]
        else { return nil }
        let place = metadata.namespace.map { "\($0)/" } ?? ""
        return EngineObject(
            engine: name,
            kind: kind.rawValue,
            ref: metadata.uid,
            name: place + metadata.name,
            deployment: owner
        )
    }

    package func delete(_ object: EngineObject) async throws {
        guard let kind = KubernetesKind(rawValue: object.kind) else {
            throw EngineFault(name, "no kind '\(object.kind)'")
        }
        let parts = object.name.split(separator: "/", maxSplits: 1).map(String.init)
        let path = kind.path(namespace: parts.count > 1 ? parts[0] : nil, name: parts.last ?? "")
        guard let now = try await metadata(path), now.uid == object.ref else { return }
        guard now.labels?[Label.object.platform] == platform, now.labels?[Label.object.deployment] == object.deployment
        else {
            throw EngineFault(name, "\(object.words) has other labels than before: it was left alone")
        }
        let body = JSONValue.object([
            ("apiVersion", .string("v1")), ("kind", .string("DeleteOptions")),
            ("propagationPolicy", .string("Background")), ("preconditions", .object([("uid", .string(object.ref))])),
        ])
        let answer = try await ask("DELETE", path, body: body.text)
        // 409: another object has the name by now; the next look tells.
        try expect(answer, [200, 202, 404, 409], "delete \(object.words)")
        try await awaitEnd(path, object)
    }

    /// Waits until it is gone, by watching it; a watch that ends, or began too long ago (410), is begun again.
    private func awaitEnd(_ path: String, _ object: EngineObject) async throws {
        let end = ContinuousClock.now + timeout
        while let left = try await metadata(path), left.uid == object.ref {
            guard ContinuousClock.now < end else {
                let finalizers = (left.finalizers ?? []).map(\.printable).joined(separator: ", ")
                throw EngineFault(
                    name,
                    "\(object.words) is still ending after \(timeout.text)"
                        + (finalizers.isEmpty ? "" : ", held by the finalizers \(finalizers)")
                )
            }
            let parts = path.split(separator: "/").map(String.init)
            let list = "/" + parts.dropLast().joined(separator: "/")
            let seconds = max(1, min(30, Int((end - .now).components.seconds)))
            let started = ContinuousClock.now
            let watch =
                "\(list)?watch=1&fieldSelector=\("metadata.name=\(parts.last ?? "")".percentEncoded)"
                + "&resourceVersion=\((left.resourceVersion ?? "").percentEncoded)&timeoutSeconds=\(seconds)"
            _ = try? await ask("GET", watch, until: "\"DELETED\"")
            // A watch that ends at once must not become a storm.
            if ContinuousClock.now - started < .milliseconds(200) { try await Task.sleep(for: .milliseconds(200)) }
        }
    }

    private func metadata(_ path: String) async throws -> Metadata? {
        let answer = try await ask("GET", path)
        if answer.status == 404 { return nil }
        try expect(answer, [200], "read \(path)")
        return try decode(One.self, answer.body).metadata
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ body: [UInt8]) throws -> Value {
        do {
            return try JSONReading.decode(type, body)
        } catch {
            throw EngineFault(name, "\(error)")
        }
    }

    private func ask(_ method: String, _ path: String, body: String? = nil, until mark: String? = nil) async throws -> (
        status: Int, body: [UInt8]
    ) {
        do {
            let response = try await http.send(retrying: RetryPolicy(), now: { .wallClock() }) {
                var limits = HTTPLimits()
                limits.total = timeout
                var headers = [("Accept", "application/json")]
                if let token = access.token { headers.append(("Authorization", "Bearer \(token.reveal())")) }
                if body != nil { headers.append(("Content-Type", "application/json")) }
                return HTTPRequest(
                    method,
                    access.server + path,
                    headers: headers.map { (name: $0.0, value: $0.1) },
                    body: body.map { .bytes(Array($0.utf8)) } ?? .none,
                    limits: limits
                )
            }
            guard let mark else { return (response.status, try await response.body.collect(upTo: 256 << 20)) }
            var text: [UInt8] = []
            while let piece = try await response.body.next(), text.count < 1 << 20 {
                text += piece
                if String(decoding: text, as: UTF8.self).contains(mark) { break }
            }
            return (response.status, text)
        } catch let error as HTTPError {
            throw EngineFault(name, "\(error)")
        }
    }

    private func expect(_ answer: (status: Int, body: [UInt8]), _ wanted: Set<Int>, _ what: String) throws {
        guard !wanted.contains(answer.status) else { return }
        let said = (try? JSONReading.decode(Status.self, answer.body).message)?.printable
        throw EngineFault(name, "failed to \(what): status \(answer.status)\(said.map { ": \($0)" } ?? "")")
    }
}

private struct Metadata: Decodable {
    let name: String
    let namespace: String?
    let uid: String
    let resourceVersion: String?
    let labels: [String: String]?
    let finalizers: [String]?
}

private struct One: Decodable { let metadata: Metadata }

private struct Page: Decodable {
    struct Meta: Decodable {
        let next: String?
        enum CodingKeys: String, CodingKey { case next = "continue" }
    }
    let metadata: Meta?
    let items: [One]
}

private struct Status: Decodable { let message: String }
