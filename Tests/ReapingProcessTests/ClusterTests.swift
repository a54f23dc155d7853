import CygniTestSupport
import Foundation
import Testing

/// Previews in a Kubernetes cluster, as its documented API answers; no API server is to be had for tests.
@Suite struct ClusterTests {
    private struct Cluster {
        let process: ReapProcess
        let peer: PythonPeer

        init(_ process: ReapProcess, _ objects: [[String: Any]], more: [String: Any] = [:]) async throws {
            self.process = process
            let state = more.merging(["objects": objects]) { a, _ in a }
            let data = try JSONSerialization.data(withJSONObject: state)
            try process.folder.write(String(decoding: data, as: UTF8.self), to: "state")
            try process.folder.write("cluster-token\n", to: "token")
            peer = try await PythonPeer.script("kube_objects", ["cluster-token", process.folder.file("state")])
        }

        var paths: [String] {
            get throws {
                let state =
                    try JSONSerialization.jsonObject(with: Data(process.folder.read("state").utf8)) as? [String: Any]
                return (state?["objects"] as? [[String: Any]] ?? []).compactMap { $0["path"] as? String }.sorted()
            }
        }

        func settle(_ how: String) throws {
            try process.use(
                engines: "{k8s: {kind: kubernetes, kinds: [deployments, namespaces], timeout: 2s, \(how)}}"
            )
            try process.write(
                """
                policy: {ttl: 10d, grace: 0s, keep_latest_per_branch: 0}
                brake: {percent: 100}
                retries: 0
                """
            )
        }
    }

    private static func object(_ path: String, _ uid: String, _ labels: [String: String], _ finalizers: [String] = [])
        -> [String: Any]
    {
        let parts = path.split(separator: "/").map(String.init)
        var metadata: [String: Any] = [
            "name": parts[parts.count - 1], "uid": uid, "resourceVersion": "7", "labels": labels,
            "finalizers": finalizers,
        ]
        if parts.contains("deployments") { metadata["namespace"] = parts[parts.count - 3] }
        return ["path": path, "metadata": metadata]
    }

    private func seed(_ process: ReapProcess) async throws {
        try await process.preview("old", project: "api", [("created_at", "now() - interval '20 days'")])
        try await process.preview("young", project: "api")
    }

    @Test(arguments: ["server", "kubeconfig"])
    func `lists that expire, a server that is busy, finalizers that end`(access: String) async throws {
        try await withReaping { process in
            try await seed(process)
            let (old, young) = (try await process.labels("old"), try await process.labels("young"))
            let cluster = try await Cluster(
                process,
                [
                    Self.object("/api/v1/namespaces/old", "u1", old, ["soon"]),
                    Self.object("/api/v1/namespaces/old2", "u2", old),
                    Self.object("/api/v1/namespaces/young", "u3", young),
                    Self.object("/api/v1/namespaces/default", "u4", [:]),
                    Self.object("/apis/apps/v1/namespaces/shared/deployments/old", "u5", old),
                    Self.object("/apis/apps/v1/namespaces/shared/deployments/young", "u6", young),
                ],
                more: ["expire": 1, "busy": 1, "watch": "gone"]
            )
            if access == "server" {
                try cluster.settle("server: '\(cluster.peer.url)', token: {file: token}")
            } else {
                try process.folder.write(
                    """
                    apiVersion: v1
                    kind: Config
                    current-context: here
                    clusters: [{name: c, cluster: {server: '\(cluster.peer.url)'}}]
                    users: [{name: u, user: {tokenFile: token}}]
                    contexts: [{name: here, context: {cluster: c, user: u}}]
                    """,
                    to: "kubeconfig"
                )
                try cluster.settle("kubeconfig: kubeconfig")
            }
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(try await process.state("old") == "reaped")
            #expect(
                try cluster.paths == [
                    "/api/v1/namespaces/default", "/api/v1/namespaces/young",
                    "/apis/apps/v1/namespaces/shared/deployments/young",
                ]
            )
            #expect(!(result.standardOutput + result.standardError).contains("cluster-token"))
        }
    }

    @Test func `a finalizer that holds it is named and left, and a wrong token stops the run`() async throws {
        try await withReaping { process in
            try await seed(process)
            let cluster = try await Cluster(
                process,
                [Self.object("/api/v1/namespaces/old", "u1", try await process.labels("old"), ["example.com/storage"])]
            )
            try cluster.settle("server: '\(cluster.peer.url)', token: {file: token}")
            let held = try await process.run()
            #expect(held.status == 1 && held.standardOutput.contains("example.com/storage"), "\(held)")
            #expect(try await process.state("old") == "reaping")
            #expect(try cluster.paths == ["/api/v1/namespaces/old"])
            try process.folder.write("another\n", to: "token")
            let refused = try await process.run()
            #expect(refused.status == 1 && refused.standardOutput.contains("status 401"), "\(refused)")
        }
    }

    @Test(arguments: ["gone", "recreated", "relabelled"])
    func `what happens to an object between a look and a deletion`(meanwhile: String) async throws {
        try await withReaping { process in
            try await seed(process)
            let path = "/api/v1/namespaces/old"
            let cluster = try await Cluster(
                process,
                [Self.object(path, "u1", try await process.labels("old"))],
                more: ["meanwhile": meanwhile]
            )
            try cluster.settle("server: '\(cluster.peer.url)', token: {file: token}")
            let result = try await process.run()
            switch meanwhile {
            case "gone":
                #expect(result.status == 0, "\(result)")
                #expect(try await process.state("old") == "reaped")
            case "recreated":
                // The new one has our labels too: it is deleted by its own uid or stays, and never by the old one's.
                #expect(try cluster.paths == [path], "\(result)")
                #expect(try await process.state("old") == "reaping", "\(result)")
            default:
                #expect(
                    result.status == 1 && result.standardOutput.contains("has other labels than before"),
                    "\(result)"
                )
                #expect(try cluster.paths == [path])
            }
        }
    }

    @Test func `a watch that breaks off is begun again`() async throws {
        try await withReaping { process in
            try await seed(process)
            let cluster = try await Cluster(
                process,
                [Self.object("/api/v1/namespaces/old", "u1", try await process.labels("old"), ["soon"])],
                more: ["watch": "cut"]
            )
            try cluster.settle("server: '\(cluster.peer.url)', token: {file: token}")
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(try await process.state("old") == "reaped")
            #expect(try cluster.paths.isEmpty)
        }
    }
}
