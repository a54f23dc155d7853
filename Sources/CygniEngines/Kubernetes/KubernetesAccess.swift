import CygniConfig
import CygniHTTP
import CygniModel
import FoundationEssentials

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
    init(_ name: String, _ settings: EngineSettings, environment: [String: String]) throws {
        if let path = settings.kubeconfig {
            let file: Kubeconfig
            do {
                file = try Kubeconfig(file: path)
            } catch {
                throw EngineFault(name, "kubeconfig \(path): \(error)")
            }
            (server, token, ca) = (file.server, file.token, file.ca)
            (certificate, key) = (file.certificate, file.key)
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

    var client: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.addresses = .any
        configuration.caFile = caFile
        configuration.caText = ca
        configuration.clientCertificate = certificate
        configuration.clientKey = key
        return configuration
    }
}

extension String {
    fileprivate var trimmingLineEnd: String {
        var text = self
        while let last = text.last, last.isNewline { text.removeLast() }
        return text
    }
}
