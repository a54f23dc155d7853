import CygniTestSupport
import Foundation

/// A CA whose behaviour the test decides (Tests/Peers/acme_ca.py).
struct ScriptedCA {
    let peer: PythonPeer
    let folder: TemporaryFolder
    let certificate: TestCertificate

    init() async throws {
        folder = try TemporaryFolder()
        certificate = try await TestCertificate("127.0.0.1", in: folder, algorithm: "ec", address: "127.0.0.1")
        peer = try await PythonPeer.script("acme_ca", [certificate.certificate, certificate.key], folder: folder)
    }

    var directory: String { "https://127.0.0.1:\(peer.port)/dir" }

    func authority(more: String = "") -> String {
        "{directory: '\(directory)', ca_file: \(certificate.certificate), timeout: 2s\(more)}"
    }

    func tell(_ json: String) async throws {
        _ = try await BuiltExecutable(path: "/usr/bin/curl").run([
            "-ks", "-d", json, "https://127.0.0.1:\(peer.port)/control",
        ])
    }

    /// What was asked of a path: the payloads.
    func asked(_ path: String) async throws -> [[String: Any]] {
        let said = try await BuiltExecutable(path: "/usr/bin/curl").run([
            "-ks", "https://127.0.0.1:\(peer.port)/control",
        ]).standardOutput
        let all = try JSONSerialization.jsonObject(with: Data(said.utf8)) as? [String: [[String: Any]]]
        return (all?["asked"] ?? []).filter { ($0["path"] as? String)?.hasPrefix(path) ?? false }
            .map { $0["payload"] as? [String: Any] ?? [:] }
    }
}

/// Runs a test's body with a scripted CA and a migrated database.
func withScriptedCA(
    more: String = "",
    authority: String = "",
    _ body: (RenewProcess, ScriptedCA) async throws -> Void
) async throws {
    let ca = try await ScriptedCA()
    let pebble = try await Pebble()
    try await withDatabase(.migrated) { database in
        let process = try await RenewProcess(
            database,
            pebble,
            // It validates nothing.
            more: "preflight: off\nhttp: {database: true}\n\(more)",
            authorities: "{scripted: \(ca.authority(more: authority))}"
        )
        try await body(process, ca)
    }
}
