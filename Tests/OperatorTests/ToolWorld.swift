import CygniTestSupport
import FoundationEssentials

/// The built `cygni` with settings for one database, and a folder of its own.
struct ToolWorld: Sendable {
    let database: TestDatabase
    let folder: TemporaryFolder
    let tool: BuiltExecutable

    static func with(_ body: (ToolWorld) async throws -> Void) async throws {
        try await withDatabase(.migrated) { database in
            let folder = try TemporaryFolder()
            try folder.write("database:\n  url: \"\(database.url(role: "cygni_owner"))\"\n", to: "cygni.yaml")
            try await body(ToolWorld(database: database, folder: folder, tool: BuiltExecutable("cygni")))
        }
    }

    var environment: [String: String] { ["CYGNI_CONFIG": folder.file("cygni.yaml"), "SWIFT_BACKTRACE": "enable=no"] }

    func run(_ arguments: [String], input: String = "", timeLimit: Duration = .seconds(120)) async throws
        -> ProcessResult
    {
        try await tool.run(arguments, environment: environment, input: input, timeLimit: timeLimit)
    }
}
