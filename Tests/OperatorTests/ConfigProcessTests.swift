import CygniTestSupport
import FoundationEssentials
import Testing

@Suite struct ConfigProcessTests {
    private let folder: TemporaryFolder
    private let tool: BuiltExecutable

    init() throws {
        folder = try TemporaryFolder()
        tool = try BuiltExecutable("cygni")
    }

    private func config(_ arguments: String...) async throws -> ProcessResult {
        try await tool.run(["config"] + arguments, environment: ["CYGNI_CONFIG": folder.file("cygni.yaml")])
    }

    @Test func everyFaultOfEveryFileIsListed() async throws {
        try folder.write("databse:\n  url: x\ndatabase:\n  pool: many\n", to: "cygni.yaml")
        try folder.write("timeout: soon\n", to: "jobs/metrics-rollup.yaml")
        try folder.write("timeout: 1h\n", to: "jobs/metric-rollup.yaml")
        let result = try await config("check")
        #expect(result.status == 78)
        for place in [
            "cygni.yaml:1:1: databse:", "database.url: must be given", "cygni.yaml:4:9: database.pool:",
            "metrics-rollup.yaml:1:10: timeout:",
            "jobs/metric-rollup.yaml:1:1: (file): must be the file of a job", "5 faults",
        ] {
            #expect(result.standardError.contains(place), "\(place)\n\(result)")
        }
    }

    @Test func rightFilesArePrinted() async throws {
        try folder.write("database:\n  url: postgresql:///cygni\n  password: {env: PW}\n", to: "cygni.yaml")
        try folder.write("seal_after: 3d\n", to: "jobs/metrics-rollup.yaml")
        let environment = ["CYGNI_CONFIG": folder.file("cygni.yaml"), "PW": "hunter2"]
        let checked = try await tool.run(["config", "check"], environment: environment)
        #expect(checked.status == 0, "\(checked)")
        let printed = try await tool.run(["config", "print"], environment: environment)
        #expect(printed.status == 0, "\(printed)")
        #expect(printed.standardOutput.contains("seal_after: 3d"), "\(printed)")
        #expect(!printed.description.contains("hunter2"))
    }

    @Test func keysAreExplained() async throws {
        let known = try await config("explain", "jobs.metrics-rollup.seal_after")
        #expect(known.status == 0)
        #expect(known.standardOutput.contains("duration"), "\(known)")
        let unknown = try await config("explain", "database.pol")
        #expect(unknown.status == 1)
        #expect(unknown.standardError.contains("did you mean 'database.pool'?"), "\(unknown)")
        #expect(try await config("explain").standardOutput.contains("object_store"))
    }

    @Test func aSchemaThatIsNotCurrentIsPending() async throws {
        let schema = try await config("schema")
        #expect(schema.status == 0)
        let file = try folder.write(schema.standardOutput, to: "schema.json")
        #expect(try await config("check", "--schema", file).status == 0)
        try folder.write("{}\n", to: "schema.json")
        #expect(try await config("check", "--schema", file).status == 3)
    }

    @Test func theCheckoutsSchemaIsCurrent() async throws {
        let checkout = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let result = try await config("check", "--schema", "\(checkout)/docs/config.schema.json")
        #expect(result.status == 0, "\(result)")
    }

    @Test func theCheckoutsOwnFilesAreRight() async throws {
        let checkout = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let result = try await config("check", "--config", "\(checkout)/cygni.yaml")
        #expect(result.status == 0, "\(result)")
    }
}
