import CygniTestSupport
import Foundation
import Testing

struct ArchiveToolTests {
    @Test func `one tenant's hour is a small part of the object`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try ArchiveProcess(database, settings: "frame_size: 1MiB")
            try await process.seed(rows: 200_000)
            #expect(try await process.run().status == 0)
            let result = try await process.tool([
                "archive", "get", "--tenant", "t2", "--from", "2026-03-05T06:00:00Z", "--to", "2026-03-05T07:00:00Z",
            ])
            #expect(result.status == 0, "\(result.standardError)")
            let expected = try await process.text(
                """
                SELECT count(*)::text AS value FROM cygni.log_lines
                WHERE tenant_id = md5('t2')::uuid AND ts >= '2026-03-05 06:00+00' AND ts < '2026-03-05 07:00+00'
                """
            )
            #expect("\(result.standardOutput.split(separator: "\n").count)" == expected)
            let words = result.standardError.split { " ()".contains($0) }
            let percent = try #require(
                words.firstIndex(of: "%").flatMap { Double(words[$0 - 1]) },
                "\(result.standardError)"
            )
            #expect(percent < 5)
        }
    }

    @Test func `search finds text as it is, list shows sizes, restore and drill bring rows back`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try ArchiveProcess(database)
            try await process.seed()
            #expect(try await process.run().status == 0)
            let found = try await process.tool(["archive", "search", "quote \" back\\slash 1", "--limit", "3"])
            #expect(found.standardOutput.split(separator: "\n").count == 3, "\(found)")
            let list = try await process.tool(["archive", "list"])
            #expect(list.standardOutput.contains("1 archive, 600 rows"), "\(list)")
            #expect(list.standardOutput.contains("never restored"))
            let drill = try await process.tool(["archive", "drill"])
            #expect(drill.status == 0, "\(drill)")
            #expect(try process.folder.read("cygni_archive_drill.prom").contains("last_good_drill_timestamp_seconds 1"))
            #expect(try await process.tool(["archive", "list"]).standardOutput.contains("last good drill"))
            try await database.execute("GRANT CREATE ON SCHEMA public TO cygni_owner")
            let restore = try await process.tool([
                "archive", "restore", "--source", "log_lines", "--tenant", "t1", "--table", "public.back", "--create",
            ])
            #expect(restore.status == 0, "\(restore)")
            let missing = """
                SELECT count(*)::text AS value FROM (SELECT l::text FROM cygni.log_lines l WHERE tenant_id = md5('t1')::uuid
                EXCEPT ALL SELECT b::text FROM back b) AS missing
                """
            #expect(try await process.text(missing) == "0")
            #expect(try await process.text("SELECT count(*)::text AS value FROM back") == "200")
            let again = try await process.tool([
                "archive", "restore", "--source", "log_lines", "--table", "public.back", "--create",
            ])
            #expect(again.status == 1, "\(again)")
            #expect(try await process.text("SELECT count(*)::text AS value FROM back") == "200")
        }
    }

    @Test(
        arguments: [
            (["archive", "get", "--from", "yesterday"], 64), (["archive", "get", "--tenant", "nobody"], 1),
            (["archive", "restore"], 64), (["archive", "restore", "--source", "none"], 1),
            (["archive", "drill", "--sample", "0"], 64),
            (["archive", "get", "--key", "/nowhere", "--certificate", "/nowhere"], 78), (["archive", "get"], 0),
        ] as [([String], Int32)]
    )
    func `wrong usage is told`(arguments: [String], status: Int32) async throws {
        try await withDatabase(.migrated) { database in
            let result = try await ArchiveProcess(database).tool(arguments)
            #expect(result.status == status, "\(result)")
        }
    }

    @Test func `uploads that stray are let go of`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try ArchiveProcess(database)
            try await process.seed(rows: 5)
            let stray = try process.folder.write("half an object", to: "objects/.cygni-uploads/1-2")
            let fresh = try process.folder.write("another", to: "objects/.cygni-uploads/1-3")
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1e9)],
                ofItemAtPath: stray
            )
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(!FileManager.default.fileExists(atPath: stray))
            #expect(FileManager.default.fileExists(atPath: fresh))
        }
    }
}
