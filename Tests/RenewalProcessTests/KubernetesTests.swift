import CygniTestSupport
import Foundation
import Testing

/// Certificates as Secrets, taken by what a Kubernetes API server does with server-side apply.
@Suite struct KubernetesTests {
    @Test func `a Secret of type kubernetes.io/tls, made and changed`() async throws {
        try await withRenewal { process in
            let api = try await PythonPeer.script("kube_api", ["the-token", process.folder.path])
            try process.folder.write("the-token\n", to: "jobs/token")
            func settle(_ namespace: String) throws {
                try process.write(
                    more:
                        "deploy:\n  kubernetes: {server: 'http://127.0.0.1:\(api.port)', namespace: \(namespace), token: {file: token}}"
                )
            }
            try settle("edge")
            try await process.want(["a.example.test"])
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            func secret() throws -> [String: String] {
                let text = try process.folder.read("edge-tls-a.example.test.json")
                let all = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
                return try #require(all?["data"] as? [String: String])
            }
            let first = try secret()
            let chain = try #require(first["tls.crt"].flatMap { Data(base64Encoded: $0) })
            #expect(
                String(decoding: chain, as: UTF8.self)
                    == (try await process.text("SELECT chain_pem FROM cygni.certificates"))
            )
            #expect(first["tls.key"].flatMap { Data(base64Encoded: $0) } != nil)
            #expect(try await process.run(["--only", "a.example.test"]).status == 0)
            #expect(try secret() != first)

            try settle("closed")
            let refused = try await process.run(["--only", "a.example.test"])
            #expect(refused.status == 1 && refused.standardOutput.contains("status 403"), "\(refused)")
            #expect(!(refused.standardOutput + refused.standardError).contains("the-token"))
            #expect(try await process.states() == ["a.example.test issued not_deployed 0"])
        }
    }
}
