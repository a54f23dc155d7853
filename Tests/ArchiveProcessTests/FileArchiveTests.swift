import CygniTestSupport
import Foundation
import Glibc
import Testing

struct FileArchiveTests {
    private func process(_ database: TestDatabase, _ rules: String) throws -> ArchiveProcess {
        let process = try ArchiveProcess(database)
        try process.write(
            settings: "tables: {}\nfiles: {web: {paths: ['\(process.folder.file("logs"))/*.log.*'], \(rules)}}"
        )
        return process
    }

    private func logs(_ process: ArchiveProcess) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: process.folder.file("logs")).sorted()
    }

    @Test func `plain, gzip and zstd files of hostile names come back byte for byte`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try process(database, "settle: 0s, after: remove")
            let nasty = Data([0x61, 0xff, 0x00, 0x0a]) + Data("{\"json\": true}\r\n\n{\"line\":1}\nno newline".utf8)
            for name in ["plain.log.1", "-rf.log.1", "sp ace'\"$(x).log.1", "nl\n.log.1"] {
                try process.folder.write(nasty + Data(name.utf8), to: "logs/\(name)")
            }
            for (tool, name) in [("gzip", "g.log.1"), ("zstd", "z.log.1")] {
                let path = try process.folder.write(nasty + Data(tool.utf8), to: "logs/\(name)")
                let packed = try await BuiltExecutable(path: "/usr/bin/\(tool)").run(
                    tool == "gzip" ? [path] : ["-q", "--rm", path]
                )
                try #require(packed.status == 0)
            }
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(try logs(process).isEmpty)
            #expect(try await process.receipts().hasSuffix("/6/6"))
            for (source, ending) in [
                ("plain", "plain.log.1"), ("g", "gzip"), ("z", "zstd"), ("sp ace'\"$(x)", "sp ace'\"$(x).log.1"),
            ] {
                let host = try await process.text(
                    "SELECT split_part(source, '@', 2) AS value FROM cygni.archives LIMIT 1"
                )
                let path = process.folder.file("back")
                let restore = try await BuiltExecutable(path: "/usr/bin/bash").run(
                    [
                        "-c", "\"$0\" archive restore --source \"$1\" > \"$2\"", BuiltExecutable("cygni").path,
                        "web/\(source).log@\(host)", path,
                    ],
                    environment: ["CYGNI_CONFIG": process.folder.file("cygni.yaml")]
                )
                #expect(restore.status == 0, "\(restore)")
                #expect(try Data(contentsOf: URL(filePath: path)) == nasty + Data(ending.utf8), "\(source)")
            }
        }
    }

    @Test func `a file that is renamed and packed after it was archived is not archived twice`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try process(database, "settle: 0s, after: keep")
            let first = try process.folder.write("a\nb\n", to: "logs/x.log.1")
            #expect(try await process.run().status == 0)
            #expect(rename(first, process.folder.file("logs/x.log.2")) == 0)
            #expect(try await process.run(["--output", "json"]).standardOutput.contains("\"items\":[]"))
            #expect(
                try await BuiltExecutable(path: "/usr/bin/gzip").run([process.folder.file("logs/x.log.2")]).status == 0
            )
            let packed = try await process.run()
            #expect(packed.status == 0, "\(packed)")
            #expect(try await process.receipts() == "2/1/1")
            #expect(process.objects().count == 1)
            try process.write(
                settings:
                    "tables: {}\nfiles: {web: {paths: ['\(process.folder.file("logs"))/*.log.*'], settle: 0s, after: remove}}"
            )
            #expect(try await process.run().status == 0)
            #expect(try logs(process).isEmpty)
        }
    }

    @Test func `what is written to, open for writing, fresh, cut off or a link is left alone`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try process(database, "settle: 1h, after: remove")
            try process.folder.write("fresh\n", to: "logs/fresh.log.1")
            let old = [utimbuf(actime: 1_700_000_000, modtime: 1_700_000_000)]
            for name in ["open.log.1", "cut.log.1", "good.log.1"] {
                let path = try process.folder.write("old\n", to: "logs/\(name)")
                if name == "cut.log.1" {
                    let gzip = try await BuiltExecutable(path: "/usr/bin/bash").run([
                        "-c", "seq 100000 | gzip | head -c 5000 > \"$0\"", path,
                    ])
                    try #require(gzip.status == 0)
                }
                utime(path, old)
            }
            try FileManager.default.createSymbolicLink(
                atPath: process.folder.file("logs/link.log.1"),
                withDestinationPath: process.folder.file("logs/good.log.1")
            )
            let writer = open(process.folder.file("logs/open.log.1"), O_WRONLY | O_APPEND | O_CLOEXEC)
            let result = try await process.run()
            close(writer)
            #expect(result.status == 2, "\(result)")
            #expect(result.standardOutput.contains("still open for writing"), "\(result)")
            #expect(result.standardOutput.contains("cut off"), "\(result)")
            #expect(try logs(process) == ["cut.log.1", "fresh.log.1", "link.log.1", "open.log.1"])
            #expect(try await process.receipts() == "1/1/1")
        }
    }

    @Test(arguments: ["keep", "remove", "move", "truncate"])
    func `what becomes of a proven file is a setting`(after: String) async throws {
        try await withDatabase(.migrated) { database in
            let process = try ArchiveProcess(database)
            let moved = process.folder.file("moved")
            try FileManager.default.createDirectory(atPath: moved, withIntermediateDirectories: true)
            let rules = after == "move" ? "after: move, move_to: '\(moved)'" : "after: \(after)"
            try process.write(
                settings:
                    "tables: {}\nfiles: {web: {paths: ['\(process.folder.file("logs"))/*.log.*'], settle: 0s, \(rules)}}"
            )
            try process.folder.write("one\n", to: "logs/a.log.1")
            for _ in 0..<2 {
                let result = try await process.run()
                #expect(result.status == 0, "\(result)")
            }
            #expect(try await process.receipts() == "1/1/1")
            let there = FileManager.default.fileExists(atPath: process.folder.file("logs/a.log.1"))
            #expect(there == (after == "keep" || after == "truncate"))
            if there { #expect(try process.folder.read("logs/a.log.1") == (after == "keep" ? "one\n" : "")) }
            #expect(FileManager.default.fileExists(atPath: "\(moved)/a.log.1") == (after == "move"))
        }
    }

    /// logrotate at work while the archiver is: every line ends up in exactly one archive.
    @Test func `rotation in mid-run loses and doubles nothing`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try process(database, "settle: 0s, after: remove")
            let folder = process.folder.file("logs")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let script = """
                cd "$0"
                n=0
                for round in $(seq 40); do
                    for i in $(seq 50); do n=$((n + 1)); echo "line $n" >> app.log; done
                    for k in 8 7 6 5 4 3 2 1; do [ -e app.log.$k ] && mv app.log.$k app.log.$((k + 1)); done
                    [ -e app.log.9 ] && { gzip app.log.9; mv app.log.9.gz app.log.9$round.gz; }
                    mv app.log app.log.1
                    sleep 0.05
                done
                """
            let rotating = try ChildProcess(path: "/usr/bin/bash", arguments: ["-c", script, folder])
            while rotating.exit == nil { _ = try await process.run() }
            #expect(try await rotating.result().status == 0)
            for _ in 0..<3 { _ = try await process.run() }
            let left = try logs(process)
            #expect(left.isEmpty)
            var lines: [String] = []
            for object in process.objects() { lines += try await process.lines(object) }
            #expect(lines.count == 2000)
            #expect(Set(lines).count == 2000)
            #expect(try await process.receipts().hasPrefix("2000/"))
        }
    }
}
