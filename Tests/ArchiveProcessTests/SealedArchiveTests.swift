import CygniTestSupport
import Foundation
import Testing

struct SealedArchiveTests {
    /// The recipe of docs/archives.md, word for word but for the file names.
    @Test func `openssl and zstd restore a sealed archive without us, by the manifest's index`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try ArchiveProcess(database)
            let identity = try await TestCertificate("archive", in: process.folder)
            try process.write(settings: "frame_size: 1MiB\nencryption: {recipients: ['\(identity.certificate)']}")
            try await process.seed(rows: 20_000)
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(try await process.text("SELECT rows_proven::text AS value FROM cygni.archives") == "false")
            let object = try #require(process.objects().first)
            #expect(object.hasSuffix(".jsonl.zst.cms"))
            let recipe = try recipe()
            let restored = try await BuiltExecutable(path: "/usr/bin/bash").run(
                ["-euo", "pipefail", "-c", recipe],
                environment: ["object": object, "cert": identity.certificate, "key": identity.key]
            )
            #expect(restored.status == 0, "\(restored)")
            let lines = restored.standardOutput.split(separator: "\n")
            #expect(lines.count == 20_000)
            let direct = try await process.tool([
                "archive", "get", "--key", identity.key, "--certificate", identity.certificate,
            ])
            #expect(direct.standardOutput == restored.standardOutput)
        }
    }

    /// What stands between the marker and the end of the fence.
    private func recipe() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/archives.md")
        let text = try String(contentsOf: root, encoding: .utf8)
        let after = try #require(text.components(separatedBy: "<!-- recipe: sealed -->\n```\n").dropFirst().first)
        return after.components(separatedBy: "\n```")[0]
    }

    @Test func `without the key nothing comes out, and with a changed frame neither`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try ArchiveProcess(database)
            let identity = try await TestCertificate("archive", in: process.folder, algorithm: "ec")
            try process.write(settings: "encryption: {recipients: ['\(identity.certificate)']}")
            try await process.seed()
            #expect(try await process.run().status == 0)
            let sealed = try await process.tool(["archive", "get"])
            #expect(sealed.status == 1)
            #expect(sealed.standardOutput.isEmpty)
            #expect(sealed.standardError.contains("CN=archive"), "\(sealed)")
            let key = ["--key", identity.key, "--certificate", identity.certificate]
            let open = try await process.tool(["archive", "get"] + key)
            #expect(open.standardOutput.split(separator: "\n").count == 600)
            #expect(try await process.tool(["archive", "drill"] + key).status == 0)
            let object = try #require(process.objects().first)
            var bytes = try Data(contentsOf: URL(filePath: object))
            bytes[bytes.count / 2] ^= 1
            try bytes.write(to: URL(filePath: object))
            let changed = try await process.tool(["archive", "get"] + key)
            #expect(changed.status == 1)
            #expect(changed.standardOutput.isEmpty)
            let drill = try await process.tool(["archive", "drill"] + key)
            #expect(drill.status == 1, "\(drill)")
            #expect(drill.standardOutput.contains("FAILED"))
        }
    }

    @Test func `with the key at hand the rows themselves are proven`() async throws {
        try await withDatabase(.migrated) { database in
            let process = try ArchiveProcess(database)
            let identity = try await TestCertificate("archive", in: process.folder)
            try process.write(
                settings: "encryption: {recipients: ['\(identity.certificate)'], key: {file: '\(identity.key)'}}"
            )
            try await process.seed()
            #expect(try await process.run().status == 0)
            #expect(try await process.text("SELECT rows_proven::text AS value FROM cygni.archives") == "true")
        }
    }
}
