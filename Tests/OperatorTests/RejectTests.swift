import CygniModel
import CygniPostgres
import CygniTestSupport
import FoundationEssentials
import Testing

@testable import Operator

/// A reject file can be imported itself once mended, so a line stands in it once, and only while it is not in.
@Suite struct RejectTests {
    private static let text = "ts,value\n2026-11-22,1\nnever,2\n2026-11-23,3\nnever,4\n2026-11-24,5\n"
    private static let first = "ts,value\n#rejected line 3: time: 'never'\nnever,2\n"

    /// Leaves the books and the reject file as an import does that was killed behind line 4, its second rejected line
    /// written and never committed.
    private func kill(_ database: TestDatabase, _ folder: TemporaryFolder, counts: String) async throws {
        let file = try folder.write(Self.text, to: "input")
        try folder.write(Self.first + "#rejected line 5: time: 'never'\nnever,4\n", to: "input.rejects")
        let options = try importOptions([file, "--tenant", "acme", "--project", "shop", "--create"])
        let identity = ImportIdentity(try InputFile(path: file), options, more: ["metric_samples", "m"])
        try await database.connectAsJobs().access { session in
            let statement = ImportTable.statements["open_run"]
            try session.query(statement, UUID(), "import-metrics", "h", Int32(1), "0", identity.text)
            try session.script("UPDATE cygni.job_runs SET counts = '\(counts)'", name: "killed")
        }
    }

    @Test(arguments: [#""rows": 2"#, #""rows": 0, "resumed_after": 2"#])
    func anImportThatGoesOnRejectsNoLineTwice(counts: String) async throws {
        try await withDatabase(.migrated) { database in
            let folder = try TemporaryFolder()
            let length = Self.first.utf8.count
            try await kill(database, folder, counts: #"{"lines": 4, "rejects_bytes": \#(length), \#(counts)}"#)
            let report = try await database.importSamples(Self.text, in: folder, isWritten: true)
            #expect((report.resumedAfter, report.written.rows, report.rejected) == (4, 1, 1))
            let rejects = try folder.read("input.rejects")
            #expect(rejects.hasPrefix(Self.first), "\(rejects)")
            #expect(rejects.split(separator: "\n").count { $0.hasPrefix("never") } == 2, "\(rejects)")
        }
    }

    @Test func againReplacesTheFile() async throws {
        try await withDatabase(.migrated) { database in
            let folder = try TemporaryFolder()
            let text = "ts,value,tenant,project\n2026-11-22,1,nobody,x\nnever,2,nobody,x\n"
            #expect(try await database.importSamples(text, flags: [], in: folder).rejected == 2)
            #expect(try await database.importSamples(text, flags: ["--again", "--create"], in: folder).rejected == 1)
            let rejects = try folder.read("input.rejects")
            #expect(!rejects.contains("2026-11-22,1"), "\(rejects)")
            #expect(rejects.hasPrefix("ts,value,tenant,project\n#rejected line 3: "), "\(rejects)")
            _ = try await database.importSamples("ts,value\n2026-11-22,1\n", in: folder)
            #expect(!FileManager.default.fileExists(atPath: folder.file("input.rejects")))
        }
    }

    @Test func whatIsNoRejectFileIsNotReplaced() async throws {
        try await withDatabase(.migrated) { database in
            let folder = try TemporaryFolder()
            try folder.write("my diary\n", to: "input.rejects")
            let error = await #expect(throws: ImportError.self) {
                try await database.importSamples("ts,value\nnever,1\n", in: folder)
            }
            #expect(error?.status == .usage)
            #expect(error?.description.contains("holds something else than rejected lines") == true)
            #expect(try folder.read("input.rejects") == "my diary\n")
        }
    }

    @Test func standardInputsAreKeptApart() async throws {
        try await ToolWorld.with { world in
            let place = ["--tenant", "acme", "--project", "shop", "--create", "--rejects", world.folder.file("r")]
            let csv = try await world.run(
                ["import", "metrics", "-", "--metric", "m"] + place,
                input: "ts,value\nx,1\n"
            )
            #expect(csv.status == 1, "\(csv)")
            let json = try await world.run(["import", "logs", "-", "--format", "json"] + place, input: "{]\n")
            #expect(json.standardOutput.contains("kept in \(world.folder.file("r")).2"), "\(json)")
            #expect(try world.folder.read("r").hasSuffix("\nx,1\n"))
            #expect(try world.folder.read("r.2").hasSuffix("\n{]\n"))
        }
    }

    @Test(
        arguments: [
            ("tenant 'A B' is not a slug", "tenant '…' is not a slug"),
            ("value: not a number: 'x'", "value: not a number"),
            ("there is no tenant 'it's'; --create makes it", "there is no tenant '…'; --create makes it"),
            ("value: is empty", "value: is empty"),
        ]
    ) func reasonsAreCountedWithoutTheirValues(reason: String, kind: String) {
        #expect(RejectFile.kind(of: reason) == kind)
    }
}
