import CygniConfig
import CygniHTTP
import CygniModel
import FoundationEssentials

/// A Secret of type kubernetes.io/tls for each certificate, by server-side apply: the API server makes or changes it as a whole,
/// and keeps what others own of it (Kubernetes API Concepts, Server-Side Apply).
struct KubernetesDeployer: Deployer {
    private let settings: KubernetesSection
    private let http: HTTPClient

    init?(_ settings: DeploySection) throws {
        guard let cluster = settings.kubernetes else { return nil }
        self.settings = cluster
        var configuration = HTTPClient.Configuration()
        configuration.addresses = .any
        configuration.caFile = cluster.caFile
        configuration.userAgent = "cygni-cert-renew"
        http = try HTTPClient(configuration)
    }

    func deploy(_ delivery: Delivery) async throws {
        let name =
            settings.prefix + (try delivery.safeName()).replacing("_", with: "wildcard").replacing(":", with: "-")
        let body = JSONValue.object([
            ("apiVersion", .string("v1")), ("kind", .string("Secret")), ("type", .string("kubernetes.io/tls")),
            (
                "metadata",
                .object([
                    ("name", .string(name)), ("namespace", .string(settings.namespace)),
                    ("annotations", .object([("cygni.dev/fingerprint", .string(delivery.fingerprint))])),
                ])
            ),
            (
                "data",
                .object([
                    ("tls.crt", .string(base64(delivery.leaf + delivery.intermediates))),
                    ("tls.key", .string(base64(delivery.key.reveal()))),
                ])
            ),
        ])
        let path = "/api/v1/namespaces/\(settings.namespace)/secrets/\(name)?fieldManager=cygni&force=true"
        var limits = HTTPLimits()
        limits.total = .seconds(30)
        let request = HTTPRequest(
            "PATCH",
            settings.server.reveal() + path,
            headers: [
                ("Authorization", "Bearer \(settings.token.reveal())"),
                // JSON is YAML.
                ("Content-Type", "application/apply-patch+yaml"),
            ],
            body: .bytes(Array(body.text.utf8)),
            limits: limits
        )
        let response = try await http.send(request)
        _ = try await response.body.collect(upTo: 1 << 20)
        guard (200..<300).contains(response.status) else {
            throw DeployFault("the Kubernetes API server refused Secret '\(name)' with status \(response.status)")
        }
    }

    private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
}
