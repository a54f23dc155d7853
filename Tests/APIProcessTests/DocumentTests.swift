import CygniTestSupport
import Foundation
import Glibc
import Testing

@testable import PlatformAPI

/// The document, held against the server by others' tools.
@Suite struct DocumentTests {
    private func python(_ program: String) throws -> BuiltExecutable {
        let path = try #require(getenv("CYGNI_PYTHON").map { String(cString: $0) }, "make test sets CYGNI_PYTHON")
        return BuiltExecutable(path: path.replacing("/python", with: "/\(program)"))
    }

    @Test func itIsAnOpenAPIDocument() async throws {
        let document = try await BuiltExecutable("cygni-api").run(["document"])
        let script = "import json, sys; from openapi_spec_validator import validate; validate(json.load(sys.stdin))"
        let result = try await python("python").run(["-c", script], input: document.standardOutput)
        #expect(result.status == 0, "\(result.standardError.suffix(2000))")
    }

    /// Requests that the document allows and such that it does not: no 5xx, and no answer that it does not tell of.
    @Test(arguments: ["owner", "operator"])
    func everyAnswerIsDocumented(role: String) async throws {
        let rates = "rates: {free: {reads: 6000000, writes: 6000000, ingest: 6000000}}"
        try await withServer(pool: 4, settings: rates) { server in
            let hooks = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(
                path: "Peers/json_lines.py"
            ).path
            let token = try await server.token(role, tenant: role == "owner" ? "acme" : nil, lifetime: 3600)
            // With more workers CPython 3.11's parser may fail: its depth counter is shared by threads.
            let result = try await python("schemathesis").run(
                [
                    "run", "http://127.0.0.1:\(server.port)/v2/openapi.json", "--header",
                    "Authorization: Bearer \(token)",
                    "--checks", "all", "--exclude-checks", "positive_data_acceptance", "--max-examples", "25", "--seed",
                    "1",
                    "--phases", "examples,coverage,fuzzing", "--no-color", "--continue-on-failure", "--workers", "1",
                    "--suppress-health-check", "all",
                ],
                environment: ["SCHEMATHESIS_HOOKS": hooks],
                folder: server.folder.path,
                timeLimit: .seconds(300)
            )
            // All but the one that gives the document, which is not asked for again.
            let count = PlatformContract.operations.count - 1
            #expect(result.standardOutput.contains("Tested: \(count)"), "\(result)")
            #expect(result.status == 0, "\(result.standardOutput.suffix(6000)) \(result.standardError.suffix(1000))")
            let metrics = try await server.get("/metrics").text
            #expect(!metrics.contains("status=\"500\""), "\(metrics)")
        }
    }
}
