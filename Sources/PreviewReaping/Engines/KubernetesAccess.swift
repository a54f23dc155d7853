import CygniConfig
import CygniHTTP
import CygniModel
import FoundationEssentials
import Yams

/// Who the API server is and who we are to it: by the settings, by kubectl's file, or by the pod's service account.
struct KubernetesAccess: Sendable {
    var server: String
    var token: Secret?
    var caFile: String?
    var ca: String?
    var certificate: String?
    var key: Secret?

    private static let pod = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// - Parameter environment: has KUBERNETES_SERVICE_HOST and _PORT in a pod.
    /// - Throws: ``EngineFault``.
    init(_ name: String, _ settings: EngineSection, environment: [String: String]) throws {
        if let path = settings.kubeconfig {
            self = try Kubeconfig.access(name, path)
        } else if settings.inCluster {
            guard let host = environment["KUBERNETES_SERVICE_HOST"], let port = environment["KUBERNETES_SERVICE_PORT"],
                let token = try? String(contentsOfFile: "\(Self.pod)/token", encoding: .utf8)
            else { throw EngineFault(name, "in_cluster is set, and this is no pod with a service account") }
            server = "https://\(host.contains(":") ? "[\(host)]" : host):\(port)"
            self.token = Secret(token.trimmingLineEnd)
            caFile = "\(Self.pod)/ca.crt"
        } else {
            guard let url = settings.server else {
                throw EngineFault(name, "one of server, kubeconfig and in_cluster must be given")
            }
            server = url.reveal()
            token = settings.token
            caFile = settings.caFile
        }
        if server.hasSuffix("/") { server.removeLast() }
    }

    init(server: String, token: Secret?, ca: String?, certificate: String?, key: Secret?) {
        (self.server, self.token, self.ca, self.certificate, self.key) = (server, token, ca, certificate, key)
    }

    var client: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.addresses = .any
        configuration.caFile = caFile
        configuration.caText = ca
        configuration.clientCertificate = certificate
        configuration.clientKey = key
        configuration.userAgent = "cygni-preview-reap"
        return configuration
    }
}

/// kubectl's file of clusters, users and contexts (Kubernetes, Organizing Cluster Access Using kubeconfig Files).
private struct Kubeconfig: Decodable {
    struct Named<Value: Decodable>: Decodable {
        let name: String
        let value: Value
        init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: AnyKey.self)
            name = try keys.decode(String.self, forKey: AnyKey("name"))
            let rest = keys.allKeys.first { $0.stringValue != "name" } ?? AnyKey("")
            value = try keys.decode(Value.self, forKey: rest)
        }
    }
    struct Cluster: Decodable {
        let server: String
        let ca: String?
        let caData: String?
        enum CodingKeys: String, CodingKey {
            case server
            case ca = "certificate-authority"
            case caData = "certificate-authority-data"
        }
    }
    struct User: Decodable {
        let token, tokenFile: String?
        let certificate, certificateData, key, keyData: String?
        enum CodingKeys: String, CodingKey {
            case token, tokenFile
            case certificate = "client-certificate"
            case certificateData = "client-certificate-data"
            case key = "client-key"
            case keyData = "client-key-data"
        }
    }
    struct Context: Decodable {
        let cluster: String
        let user: String
    }
    let clusters: [Named<Cluster>]
    let users: [Named<User>]
    let contexts: [Named<Context>]
    let current: String
    enum CodingKeys: String, CodingKey {
        case clusters, users, contexts
        case current = "current-context"
    }

    static func access(_ name: String, _ path: String) throws -> KubernetesAccess {
        func fault(_ text: String) -> EngineFault { EngineFault(name, "kubeconfig \(path): \(text)") }
        let file: Kubeconfig
        do {
            file = try YAMLDecoder().decode(from: String(contentsOfFile: path, encoding: .utf8))
        } catch {
            throw fault("it can't be read as one")
        }
        guard let context = file.contexts.first(where: { $0.name == file.current })?.value,
            let cluster = file.clusters.first(where: { $0.name == context.cluster })?.value,
            let user = file.users.first(where: { $0.name == context.user })?.value
        else { throw fault("its current context has no cluster or no user") }
        func text(_ named: String?, _ data: String?) throws -> String? {
            if let data {
                guard let bytes = Data(base64Encoded: data) else { throw fault("a member that must be base64 is not") }
                return String(decoding: bytes, as: UTF8.self)
            }
            guard let other = named else { return nil }
            // A relative one starts at the file's folder.
            let place = other.hasPrefix("/") ? other : "\(path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex))\(other)"
            guard let text = try? String(contentsOfFile: place, encoding: .utf8) else { throw fault("\(place) can't be read") }
            return text
        }
        let token = try user.token ?? text(user.tokenFile, nil)?.trimmingLineEnd
        let certificate = try text(user.certificate, user.certificateData)
        guard token != nil || certificate != nil else {
            throw fault("its user has neither a token nor a client certificate; commands (exec) are not run")
        }
        return KubernetesAccess(
            server: cluster.server,
            token: token.map { Secret($0) },
            ca: try text(cluster.ca, cluster.caData),
            certificate: certificate,
            key: try text(user.key, user.keyData).map { Secret($0) }
        )
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension String {
    fileprivate var trimmingLineEnd: String {
        var text = self
        while let last = text.last, last.isNewline { text.removeLast() }
        return text
    }
}
