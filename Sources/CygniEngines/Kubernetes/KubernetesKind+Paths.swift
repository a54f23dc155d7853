import CygniConfig
import CygniHTTP

extension KubernetesKind {
    /// Of the API group, with the version that all clusters of today have.
    private var group: String {
        switch self {
        case .namespaces, .services, .pods, .configmaps, .secrets, .persistentvolumeclaims: "/api/v1"
        case .ingresses: "/apis/networking.k8s.io/v1"
        case .deployments, .statefulsets, .daemonsets: "/apis/apps/v1"
        case .cronjobs, .jobs: "/apis/batch/v1"
        }
    }

    /// Over all namespaces.
    var listPath: String { "\(group)/\(rawValue)" }

    func path(namespace: String?, name: String) -> String {
        let place = namespace.map { "/namespaces/\($0.percentEncoded)" } ?? ""
        return "\(group)\(place)/\(rawValue)/\(name.percentEncoded)"
    }
}
