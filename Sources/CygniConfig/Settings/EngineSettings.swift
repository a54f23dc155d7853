package import CygniModel

/// What deployments run on.
package struct EngineSettings: ConfigSection {
    package var kind: EngineKind
    package var socket: String
    package var server: ConfigURL?
    package var token: Secret?
    package var caFile: String?
    package var kubeconfig: String?
    package var inCluster: Bool
    package var kinds: [KubernetesKind]
    package var timeout: Duration
    package var stopTimeout: Duration
    package var concurrency: Int

    package init(reading reader: inout ConfigReader) {
        kind = reader.required(
            "kind",
            .oneOf(EngineKind.self),
            """
            docker: Docker or Podman; kubernetes; none: nothing is asked, what the ledger says counts; elsewhere: another host's run \
            looks after it, and this one leaves what is on it alone.
            """,
            example: "docker"
        )
        socket = reader.value(
            "socket",
            .path,
            default: "/var/run/docker.sock",
            "docker: the unix socket of its API."
        )
        server = reader.optional(
            "server",
            .url(["https", "http"]),
            "kubernetes: the API server.",
            example: "https://kubernetes.example:6443"
        )
        token = reader.optional(
            "token",
            .secret,
            "kubernetes: a bearer token.",
            example: "{file: /etc/cygni/kube-token}"
        )
        caFile = reader.optional(
            "ca_file",
            .path,
            "kubernetes: the API server's authority.",
            example: "/etc/cygni/kube-ca.pem"
        )
        kubeconfig = reader.optional(
            "kubeconfig",
            .path,
            "kubernetes: a file of kubectl's whose current context says server, authority and token.",
            example: "/etc/cygni/kubeconfig"
        )
        inCluster = reader.value(
            "in_cluster",
            .boolean,
            default: false,
            "kubernetes: this runs in a pod of the cluster and uses its service account."
        )
        kinds = reader.value(
            "kinds",
            .list(of: .oneOf(KubernetesKind.self), count: 1...20),
            default: [.namespaces],
            "kubernetes: what of it is looked for by our labels and deleted, in this order."
        )
        timeout = reader.value(
            "timeout",
            .duration(.milliseconds(100) ... .minutes(30)),
            default: .minutes(1),
            "How long one request may take."
        )
        stopTimeout = reader.value(
            "stop_timeout",
            .duration(.zero ... .minutes(10)),
            default: .zero,
            "docker: how long a container may take to end by itself before it is killed. 0s: it is killed at once."
        )
        concurrency = reader.value(
            "concurrency",
            .integer(1...64),
            default: 4,
            "Previews that may be taken down on it at once: a slow engine holds up no more than these."
        )
    }
}

package enum EngineKind: String, CaseIterable, Sendable {
    case docker, kubernetes, none, elsewhere
}

/// Kinds of Kubernetes objects that previews are made of.
package enum KubernetesKind: String, CaseIterable, Sendable {
    case namespaces, ingresses, services, deployments, statefulsets, daemonsets, cronjobs, jobs, pods
    case configmaps, secrets, persistentvolumeclaims
}
