import CygniTestSupport
import FoundationEssentials
import Testing

/// Programs of this folder's Fixtures, run by the Python that has the test peers.
enum TestPython {
    static func run(_ program: String, arguments: [String] = [], input: String = "") async throws -> String {
        let folder = "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/Fixtures"
        let python = try #require(
            ProcessInfo.processInfo.environment["CYGNI_PYTHON"],
            "CYGNI_PYTHON names the Python with the test peers; `make test` sets it"
        )
        let result = try await BuiltExecutable(path: python).run(["\(folder)/\(program)"] + arguments, input: input)
        try #require(result.status == 0, "\(result)")
        return result.standardOutput
    }
}
